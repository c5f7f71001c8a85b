import { useRef, useState, type RefObject } from 'react'
import { useBooking, type Outcome } from '@/store/booking'
import { useBooked, type BookingDetails } from '@/store/bookings'
import type { Listing } from '@/store/catalog'
import { toastOutcome } from './toast-outcome'
import { useSelection, type Selection } from './use-selection'
import { useEnded } from './use-ended'

export type Order = Selection & {
  /** What became of the last try, until something else is chosen. */
  outcome: Outcome | undefined
  /** My confirmed booking of this event. */
  booked: BookingDetails | undefined
  /** Whether a booking is under way. */
  booking: boolean
  /** Why nothing is sold any more; null while it is. */
  ended: ReturnType<typeof useEnded>
  /** Books what is chosen, or another number of tickets of the chosen section, which becomes what is chosen. */
  submit: (quantity?: number) => Promise<void>
}

/**
 * An order in the making: what is chosen of an event, and what becomes of it. Nothing can be chosen before the event is
 * known. `place` belongs on what shows the outcome: while that is not there, the outcome comes as a toast.
 */
export function useOrder(id: string, event: Listing | undefined): Order & { place: RefObject<HTMLDivElement | null> } {
  const booked = useBooked(id)
  const booking = useBooking((state) => state.underWay[id] === true)
  const book = useBooking((state) => state.book)
  const ended = useEnded(event)
  const selection = useSelection(event, booking)
  const [outcome, setOutcome] = useState<Outcome>()
  const place = useRef<HTMLDivElement>(null)

  async function submit(quantity = selection.quantity) {
    if (!event) return
    selection.setQuantity(quantity)
    setOutcome(undefined)
    const came = await book(event, { sectionId: selection.section?.id, qty: quantity })
    if (place.current) setOutcome(came)
    else toastOutcome(came, event)
  }

  return {
    ...selection,
    place,
    outcome,
    booked,
    booking,
    ended,
    submit,
    choose: (sectionId) => {
      setOutcome(undefined)
      selection.choose(sectionId)
    },
    setQuantity: (quantity) => {
      setOutcome(undefined)
      selection.setQuantity(quantity)
    },
  }
}
