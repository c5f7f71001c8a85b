import { act, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { useThrottled } from './use-throttled'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function follow() {
  const seen: number[] = []
  const hook = renderHook(({ value }) => {
    const shown = useThrottled(value, 1000)
    if (seen.at(-1) !== shown) seen.push(shown)
  }, { initialProps: { value: 1 } })
  return { seen, become: (value: number) => hook.rerender({ value }), wait: (ms: number) => act(() => vi.advanceTimersByTime(ms)), ...hook }
}

test('a storm of changes is one, and it is the newest', () => {
  const { seen, become, wait } = follow()
  for (let value = 2; value <= 50; value++) become(value)
  expect(seen).toEqual([1])
  wait(1000)
  expect(seen).toEqual([1, 50])
})

test('a change that never stops is followed all the same', () => {
  const { seen, become, wait } = follow()
  for (let value = 2; value <= 31; value++) {
    become(value)
    wait(100)
  }
  expect(seen).toEqual([1, 11, 21, 31])
})

test('a change after a pause is taken in again', () => {
  const { seen, become, wait } = follow()
  become(2)
  wait(1000)
  wait(5000)
  become(3)
  wait(1000)
  expect(seen).toEqual([1, 2, 3])
})

test('nothing is left running when the page goes away', () => {
  const { become, unmount } = follow()
  become(2)
  unmount()
  expect(vi.getTimerCount()).toBe(0)
})
