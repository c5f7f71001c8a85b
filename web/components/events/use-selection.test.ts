import { act, cleanup, renderHook } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import type { Listing } from '@/store/catalog'
import { sampleEvent } from './samples.testing'
import { useSelection } from './use-selection'

afterEach(cleanup)

type Shown = { event: Listing | undefined; booking: boolean }

function choosing(event: Listing | undefined) {
  return renderHook((shown: Shown) => useSelection(shown.event, shown.booking), { initialProps: { event, booking: false } })
}

const sections = (vip: number, floor: number) => sampleEvent([{ name: 'VIP', price: 90, remaining: vip }, { name: 'Floor', price: 30.1, remaining: floor }])

describe('what is chosen', () => {
  it('is nothing before the event is known', () => {
    expect(choosing(undefined).result.current).toMatchObject({ section: undefined, most: 0, total: 0 })
  })

  it('is one ticket of the cheapest section at first', () => {
    expect(choosing(sections(5, 5)).result.current).toMatchObject({ section: { name: 'Floor' }, quantity: 1, most: 5, total: 30.1 })
  })

  it('passes over a cheapest section that is sold out', () => {
    expect(choosing(sections(5, 0)).result.current.section?.name).toBe('VIP')
  })

  it('stays the chosen section when it sells out', () => {
    const { result, rerender } = choosing(sections(5, 5))
    rerender({ event: sections(5, 0), booking: false })
    expect(result.current).toMatchObject({ section: { name: 'Floor' }, most: 0 })
  })

  it('is never more than ten', () => expect(choosing(sections(5, 400)).result.current.most).toBe(10))

  it('becomes fewer when fewer are left, and what it was when they come back', () => {
    const { result, rerender } = choosing(sections(5, 5))
    act(() => result.current.setQuantity(4))
    rerender({ event: sections(5, 2), booking: false })
    expect(result.current).toMatchObject({ quantity: 2, total: 60.2 })
    rerender({ event: sections(5, 9), booking: false })
    expect(result.current.quantity).toBe(4)
  })

  it('stands as it was sent while it is being booked, though the counts have it subtracted', () => {
    const { result, rerender } = choosing(sections(5, 2))
    act(() => result.current.setQuantity(2))
    rerender({ event: sections(5, 0), booking: true })
    expect(result.current).toMatchObject({ quantity: 2, total: 60.2 })
  })

  it('has the total of the section that is chosen', () => {
    const { result } = choosing(sections(5, 5))
    act(() => result.current.choose('VIP'))
    act(() => result.current.setQuantity(3))
    expect(result.current.total).toBe(270)
  })
})
