import { act, cleanup, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { useBooking, type Outcome } from '@/store/booking'
import type { Listing } from '@/store/catalog'
import { OrderFooter } from './order-footer'
import { OrderForm } from './order-form'
import { eventId, sampleEvent } from './samples.testing'
import { useOrder } from './use-order'

beforeEach(() => useBooking.setState({ underWay: {} }))
afterEach(cleanup)

const open = sampleEvent([{ name: 'General', remaining: 5 }])
const closed = { ...open, closed: true }

function Sheet({ event }: { event: Listing }) {
  const { place, ...order } = useOrder(eventId, event)
  return (
    <div ref={place}>
      <OrderForm event={event} order={order} />
      <OrderFooter event={event} order={order} />
    </div>
  )
}

describe('a sheet whose sales are closed', () => {
  it('closes while it is looked at: nothing to choose, and why', () => {
    const { rerender } = render(<Sheet event={open} />)
    expect(screen.getByRole('group', { name: 'Your tickets' })).toBeDefined()
    rerender(<Sheet event={closed} />)
    expect(screen.queryByRole('group', { name: 'Your tickets' })).toBeNull()
    expect(screen.getByRole('status').textContent).toContain('Tickets for Gig are no longer sold.')
    expect(screen.getByRole('button', { name: 'Sales have ended' })).toHaveProperty('disabled', true)
  })

  it('waits for the booking that is under way', () => {
    useBooking.setState({ underWay: { [eventId]: true } })
    render(<Sheet event={closed} />)
    expect(screen.getByRole('button', { name: 'Booking...' })).toBeDefined()
    act(() => useBooking.setState({ underWay: {} }))
    expect(screen.getByRole('button', { name: 'Sales have ended' })).toBeDefined()
  })

  it('still says that an earlier booking is being paid for', async () => {
    useBooking.setState({ book: vi.fn(async (): Promise<Outcome> => ({ kind: 'in-progress' })) })
    const { rerender } = render(<Sheet event={open} />)
    await userEvent.click(screen.getByRole('button', { name: 'Book 1 ticket' }))
    rerender(<Sheet event={closed} />)
    expect(screen.getByRole('link', { name: 'See my bookings' })).toBeDefined()
  })
})
