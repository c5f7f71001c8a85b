import { act, cleanup, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { hearDate } from '@/lib/clock'
import { useStarted } from './use-started'

const noon = Date.UTC(2031, 0, 15, 12)
const hear = (server: number) => act(() => hearDate(new Date(server).toUTCString(), Date.now(), Date.now()))

beforeEach(() => {
  vi.useFakeTimers({ now: noon })
  hear(noon)
})
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

test('an event starts by itself when its moment comes', () => {
  const { result } = renderHook(() => useStarted(new Date(noon + 60_000).toISOString()))
  expect(result.current).toBe(false)
  act(() => vi.advanceTimersByTime(61_000))
  expect(result.current).toBe(true)
})

test("a device's clock that is two hours ahead closes no sale that the server has open", () => {
  const { result } = renderHook(() => useStarted(new Date(noon - 3_600_000).toISOString()))
  expect(result.current).toBe(true)
  hear(noon - 7_200_000)
  expect(result.current).toBe(false)
  act(() => vi.advanceTimersByTime(3_601_000))
  expect(result.current).toBe(true)
})
