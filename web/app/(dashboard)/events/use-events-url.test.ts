import { renderHook } from '@testing-library/react'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { useEventsURL } from './use-events-url'

// The router keeps this in step with the address; here nobody renders twice.
vi.mock('next/navigation', () => ({ useSearchParams: () => new URLSearchParams(location.search) }))

const [one, other] = ['01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000002']
const list = '/events?search=jazz'
const url = () => renderHook(() => useEventsURL()).result.current
const wentBack = () => new Promise((resolve) => addEventListener('popstate', resolve, { once: true }))

beforeEach(() => history.pushState(null, '', list))

describe('a sheet', () => {
  it('opened twice at once is one entry of the history', () => {
    const { openSheet, hrefOf } = url()
    const before = history.length
    openSheet(hrefOf(one))
    openSheet(hrefOf(one))
    expect(history.length).toBe(before + 1)
    expect(location.search).toBe(`?search=jazz&event=${one}`)
    openSheet(hrefOf(other))
    expect(history.length).toBe(before + 2)
  })

  it('closed twice at once goes back once, and the next can be closed too', async () => {
    const back = vi.spyOn(history, 'back')
    for (let round = 1; round <= 2; round++) {
      url().openSheet(url().hrefOf(one))
      const { closeSheet } = url()
      const gone = wentBack()
      closeSheet()
      closeSheet()
      await gone
      expect(back).toHaveBeenCalledTimes(round)
      expect(location.pathname + location.search).toBe(list)
    }
  })

  it('that came with the address is closed without going anywhere', () => {
    history.replaceState(null, '', `${list}&event=${one}`)
    const back = vi.spyOn(history, 'back')
    url().closeSheet()
    expect(back).not.toHaveBeenCalled()
    expect(location.pathname + location.search).toBe(list)
  })
})
