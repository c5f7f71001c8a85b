'use client'

import { useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { moneyOrFree } from '@/components/events/price'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { notify } from '@/lib/notify'
import { explain } from '@/lib/problem'
import { useBookings, type BookingDetails } from '@/store/bookings'
import { titleId } from './booking-row'

/**
 * Asks once more before a booking is cancelled; what keeps it has the focus. It stays until the answer, so that a second
 * tap meets nothing behind it. Closed before, it does not stop what has been sent.
 */
export function CancelDialog({ booking, onClose }: { booking: BookingDetails; onClose: () => void }) {
  const { event, section, quantity, amount, currency } = booking
  const cancel = useBookings((state) => state.cancel)
  const [busy, setBusy] = useState(false)
  const place = useRef<HTMLDivElement>(null)

  function close() {
    flushSync(onClose)
    // The dialog gives the focus back to the button it came from, which is gone once the booking is shown as cancelled.
    if (document.activeElement === document.body) document.getElementById(titleId(booking))?.focus()
  }

  async function confirm() {
    setBusy(true)
    const failure = await cancel(booking.id).then(() => null, (error: unknown) => ({ error }))
    if (place.current) close()
    if (failure) void notify('error', `Your booking for ${event.title} could not be cancelled.`, { description: explain(failure.error) })
    else void notify('success', `Your booking for ${event.title} is cancelled.`)
  }

  return (
    <Dialog
      title="Cancel this booking?"
      onClose={close}
      footer={
        <div className="grid grid-cols-2 gap-3 sm:flex sm:justify-end">
          <Button data-focus-first aria-disabled={busy} onClick={close}>Keep</Button>
          <Button variant="danger" busy={busy} onClick={() => void confirm()}>{busy ? 'Cancelling…' : 'Cancel booking'}</Button>
        </div>
      }
    >
      <div ref={place} className="text-ink-soft wrap-anywhere">
        <p>
          <span className="font-medium text-ink">{event.title}</span>
          <br />
          {section.name} × {quantity} · {moneyOrFree(amount, currency)}
        </p>
        <p className="mt-3">
          {quantity === 1 ? 'Your ticket is given back at once. You may not get it again.' : `${quantity === 2 ? 'Both' : `All ${quantity}`} tickets are given back at once. You may not get them again.`}
        </p>
      </div>
    </Dialog>
  )
}
