'use client'

import { Button } from '@/components/ui/button'
import { useBooking } from '@/store/booking'
import { useBooked } from '@/store/bookings'
import type { Listing } from '@/store/catalog'
import { toastOutcome } from './toast-outcome'
import { useEnded } from './use-ended'

/**
 * A card's button. Where there is one section it books one ticket at once; where there are several, `onChoose` lets the
 * buyer choose. `describedBy` is the id of the event's title.
 */
export function BookButton({ event, describedBy, onChoose }: { event: Listing; describedBy: string; onChoose: () => void }) {
  const booked = useBooked(event.id)
  const underWay = useBooking((state) => state.underWay[event.id] === true)
  const book = useBooking((state) => state.book)
  const ended = useEnded(event)

  async function bookOne() {
    const outcome = await book(event, { qty: 1 })
    if (outcome.kind === 'choose-section') onChoose()
    else toastOutcome(outcome, event)
  }

  const same = { 'aria-describedby': describedBy, className: 'min-w-30' }
  if (booked) return <Button variant="done" aria-disabled {...same}>Booked ✓</Button>
  if (underWay) return <Button variant="primary" busy {...same}>Booking...</Button>
  return (
    <Button
      variant="primary"
      disabled={ended !== null || event.remainingTickets === 0}
      aria-haspopup={event.sections.length > 1 ? 'dialog' : undefined}
      onClick={event.sections.length > 1 ? onChoose : bookOne}
      {...same}
    >
      Book Now
    </Button>
  )
}
