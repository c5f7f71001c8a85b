import { cleanup, render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { useBookings } from '@/store/bookings'
import { CancelDialog } from './cancel-dialog'

const booking = {
  id: 'b', status: 'CONFIRMED', quantity: 2, amount: 10, currency: 'USD', createdAt: '2031-01-01T00:00:00Z',
  event: { id: 'e', title: 'Gig', date: null, timeZone: null, venue: '' },
  section: { id: 's', name: 'Floor', price: 5 },
} as const

// jsdom has no modal dialogs; this is what of them is needed here.
function setOpen(this: HTMLDialogElement) {
  this.open = true
}
function setClosed(this: HTMLDialogElement) {
  this.open = false
}
beforeEach(() => void Object.assign(HTMLDialogElement.prototype, { showModal: setOpen, close: setClosed }))
afterEach(cleanup)

function Page() {
  const [asked, setAsked] = useState(true)
  return (
    <>
      <a id="booking-b" href="#gig">Gig</a>
      {asked && <CancelDialog booking={booking} onClose={() => setAsked(false)} />}
    </>
  )
}

/** The page, where a cancellation is answered when the test says so. */
function show() {
  const answers: { resolve: () => void; reject: (error: Error) => void }[] = []
  const cancel = vi.fn(() => new Promise<void>((resolve, reject) => answers.push({ resolve, reject })))
  useBookings.setState({ cancel })
  render(<Page />)
  return { cancel, answer: () => answers[0]?.resolve(), fail: () => answers[0]?.reject(new Error('no')) }
}

const button = (name: RegExp) => screen.getByRole('button', { name })

describe('the question before a cancellation', () => {
  it('begins at what keeps the booking', () => {
    show()
    expect(document.activeElement).toBe(button(/Keep/))
  })

  it('stays until the answer, takes a second tap without asking twice, and cannot be taken back', async () => {
    const { cancel, answer } = show()
    await userEvent.dblClick(button(/Cancel booking/))
    await userEvent.click(button(/Keep/))
    expect(cancel).toHaveBeenCalledExactlyOnceWith('b')
    expect(button(/Cancelling/).getAttribute('aria-busy')).toBe('true')
    answer()
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(document.activeElement?.id).toBe('booking-b')
  })

  it('goes away too when it could not be done', async () => {
    const { fail } = show()
    await userEvent.click(button(/Cancel booking/))
    fail()
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
  })
})
