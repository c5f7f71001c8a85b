import { cleanup, render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { toast } from 'sonner'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { useBooking, type Outcome } from '@/store/booking'
import { useBookings } from '@/store/bookings'
import { BookButton } from './book-button'
import { eventId, sampleBooking, sampleEvent } from './samples.testing'

const general = sampleEvent([{ name: 'General', remaining: 5 }])
const several = sampleEvent([{ name: 'VIP', remaining: 5 }, { name: 'Floor', remaining: 5 }])

function show(event = general, outcome: Outcome = { kind: 'failed' }) {
  const book = vi.fn(async () => outcome)
  const onChoose = vi.fn()
  useBooking.setState({ book })
  render(<BookButton event={event} describedBy="title" onChoose={onChoose} />)
  return { book, onChoose, button: screen.getByRole('button') }
}

const notes = () => toast.getHistory().map((note) => ('title' in note ? note.title : undefined))

beforeEach(() => {
  useBooking.setState({ underWay: {} })
  useBookings.setState({ byEvent: {} })
})
afterEach(cleanup)

describe("a card's button", () => {
  it('books one ticket of the only section at once, and says what became of it', async () => {
    const { book, button } = show(general, { kind: 'sold-out' })
    await userEvent.click(button)
    expect(book).toHaveBeenCalledExactlyOnceWith(general, { qty: 1 })
    await waitFor(() => expect(notes()).toContain('Sorry, tickets for Gig are no longer available.'))
  })

  it('lets the buyer choose where there are several sections', async () => {
    const { book, onChoose, button } = show(several)
    await userEvent.click(button)
    expect(onChoose).toHaveBeenCalledOnce()
    expect(book).not.toHaveBeenCalled()
  })

  it('lets the buyer choose where the server knows of sections that the card does not', async () => {
    const { onChoose, button } = show(general, { kind: 'choose-section', sections: [] })
    await userEvent.click(button)
    await waitFor(() => expect(onChoose).toHaveBeenCalledOnce())
  })

  it('says "Booking..." and takes no second click while it is under way', async () => {
    useBooking.setState({ underWay: { [eventId]: true } })
    const { book, button } = show()
    expect(button.textContent).toBe('Booking...')
    expect(button.getAttribute('aria-disabled')).toBe('true')
    await userEvent.click(button)
    expect(book).not.toHaveBeenCalled()
  })

  it('is "Booking..." also while the last ticket is the one being booked', () => {
    useBooking.setState({ underWay: { [eventId]: true } })
    expect(show(sampleEvent([{ name: 'General', remaining: 0 }])).button.textContent).toBe('Booking...')
  })

  it.each([
    ['"Booked ✓" and disabled once it is booked', general, true, 'Booked ✓'],
    ['disabled when everything is sold', sampleEvent([{ name: 'General', remaining: 0 }]), false, 'Book Now'],
    ['disabled once the event has started', { ...general, date: '2001-01-01T00:00:00Z' }, false, 'Book Now'],
    ['disabled once sales are closed, whatever is left', { ...general, closed: true }, false, 'Book Now'],
    ['disabled once sales are closed, where there is a section to choose', { ...several, closed: true }, false, 'Book Now'],
    ['"Booked ✓" for the event whose sales are closed', { ...general, closed: true }, true, 'Booked ✓'],
    ['"Booked ✓" for the sold out and started event too', { ...sampleEvent([{ name: 'General', remaining: 0 }]), date: '2001-01-01T00:00:00Z' }, true, 'Booked ✓'],
  ])('is %s', (_, event, booked, words) => {
    if (booked) useBookings.setState({ byEvent: { [eventId]: sampleBooking() } })
    const { button } = show(event)
    expect(button.textContent).toBe(words)
    expect(button.matches(':disabled, [aria-disabled=true]')).toBe(true)
  })

  it('has no end of sales where the event has no date', () => {
    expect(show({ ...general, date: null }).button).toHaveProperty('disabled', false)
  })
})
