'use client'

import { useEffect, useRef } from 'react'
import { flushSync } from 'react-dom'
import { moneyOrFree } from '@/components/events/price'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { notify } from '@/lib/notify'
import { explain } from '@/lib/problem'
import { useBookings, type BookingDetails } from '@/store/bookings'
import { titleId } from './booking-row'

/** Asks once more before a booking is cancelled; what keeps it has the focus. */
export function CancelDialog({ booking, onClose }: { booking: BookingDetails; onClose: () => void }) {
  const { event, section, quantity, amount, currency } = booking
  const cancel = useBookings((state) => state.cancel)
  const keep = useRef<HTMLButtonElement>(null)

  useEffect(() => {
    keep.current?.focus()
  }, [])

  function confirm() {
    flushSync(onClose)
    // The dialog gave the focus back to a button that goes away now.
    document.getElementById(titleId(booking))?.focus()
    cancel(booking.id).then(
      () => notify('success', `Your booking for ${event.title} is cancelled.`),
      (error: unknown) => notify('error', `Your booking for ${event.title} could not be cancelled.`, { description: explain(error) }),
    )
  }

  return (
    <Dialog
      title="Cancel this booking?"
      onClose={onClose}
      footer={
        <div className="grid grid-cols-2 gap-3 sm:flex sm:justify-end">
          <Button ref={keep} onClick={onClose}>Keep</Button>
          <Button variant="danger" onClick={confirm}>Cancel booking</Button>
        </div>
      }
    >
      <p className="text-ink-soft">
        <span className="font-medium text-ink">{event.title}</span>
        <br />
        {section.name} × {quantity} · {moneyOrFree(amount, currency)}
      </p>
      <p className="mt-3 text-ink-soft">
        {quantity === 1 ? 'Your ticket is given back at once. You may not get it again.' : `${quantity === 2 ? 'Both' : `All ${quantity}`} tickets are given back at once. You may not get them again.`}
      </p>
    </Dialog>
  )
}
