import { act, cleanup, render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { toast } from 'sonner'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { useBooking, type Outcome } from '@/store/booking'
import { eventId, sampleEvent } from './samples.testing'
import { useOrder } from './use-order'

afterEach(() => {
  cleanup()
  toast.dismiss()
})

const event = sampleEvent([{ name: 'VIP', price: 90, remaining: 5 }, { name: 'Floor', price: 30, remaining: 5 }])

function Sheet() {
  const { place, ...order } = useOrder(eventId, event)
  return (
    <div ref={place}>
      <p>{order.outcome?.kind ?? 'nothing yet'}, {order.quantity}</p>
      <button type="button" onClick={() => void order.submit()}>Book</button>
      <button type="button" onClick={() => void order.submit(3)}>Take 3</button>
      <button type="button" onClick={() => order.choose('VIP')}>VIP</button>
    </div>
  )
}

/** A server that answers when it is told to. */
function answerLater() {
  const waiting: ((outcome: Outcome) => void)[] = []
  const book = vi.fn(() => new Promise<Outcome>((resolve) => waiting.push(resolve)))
  useBooking.setState({ book })
  return { book, answer: (outcome: Outcome) => act(async () => waiting.shift()?.(outcome)) }
}

const notes = () => toast.getHistory().map((note) => ('title' in note ? note.title : undefined))

describe('an order', () => {
  it('is told in its sheet, without a toast', async () => {
    const { book, answer } = answerLater()
    const before = notes().length
    render(<Sheet />)
    await userEvent.click(screen.getByRole('button', { name: 'Book' }))
    expect(book).toHaveBeenCalledExactlyOnceWith(event, { sectionId: 'Floor', qty: 1 })
    await answer({ kind: 'payment-declined' })
    expect(screen.getByText('payment-declined, 1')).toBeDefined()
    expect(notes()).toHaveLength(before)
  })

  it('is told by a toast when its sheet has been closed meanwhile', async () => {
    const { answer } = answerLater()
    const { unmount } = render(<Sheet />)
    await userEvent.click(screen.getByRole('button', { name: 'Book' }))
    unmount()
    await answer({ kind: 'failed' })
    await waitFor(() => expect(notes().at(-1)).toBe('Failed to complete booking. Please try again.'))
  })

  it('that a session\'s end cut off is told by no toast over the log-in page', async () => {
    const { answer } = answerLater()
    const before = notes().length
    const { unmount } = render(<Sheet />)
    await userEvent.click(screen.getByRole('button', { name: 'Book' }))
    unmount()
    await answer({ kind: 'signed-out' })
    await import('sonner')
    expect(notes()).toHaveLength(before)
  })

  it('of another number changes what is chosen too', async () => {
    const { book } = answerLater()
    render(<Sheet />)
    await userEvent.click(screen.getByRole('button', { name: 'Take 3' }))
    expect(book).toHaveBeenCalledExactlyOnceWith(event, { sectionId: 'Floor', qty: 3 })
    expect(screen.getByText('nothing yet, 3')).toBeDefined()
  })

  it('forgets what became of it when something else is chosen', async () => {
    const { answer } = answerLater()
    render(<Sheet />)
    await userEvent.click(screen.getByRole('button', { name: 'Book' }))
    await answer({ kind: 'sold-out' })
    await userEvent.click(screen.getByRole('button', { name: 'VIP' }))
    expect(screen.getByText('nothing yet, 1')).toBeDefined()
  })
})
