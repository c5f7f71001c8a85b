import { create } from 'zustand'
import { api } from '@/lib/api'
import type { components } from '@/lib/openapi.gen'
import { answer, Refused, SignedOut } from '@/lib/problem'
import { isUnknown, untilKnown } from '@/lib/until-known'
import { useBookings, type BookingDetails } from './bookings'
import { useCatalog, type Listing, type Settled } from './catalog'
import { openRequests } from './requests'
import { onSignedOut } from './session'

export type SectionChoice = components['schemas']['SectionChoice']

/** What became of a booking. */
export type Outcome =
  /** It is in `useBookings` already. */
  | { kind: 'booked'; booking: BookingDetails }
  | { kind: 'sold-out' }
  | { kind: 'not-enough'; remaining: number }
  /** `useBookings` is being loaded again, for it did not know. */
  | { kind: 'already-booked'; bookingId?: string }
  | { kind: 'choose-section'; sections: readonly SectionChoice[] }
  /** An earlier try of mine has not finished, and may never have a good end. `useBookings` is looked at for a while. */
  | { kind: 'in-progress' }
  | { kind: 'started' }
  /** The catalog knows by now. */
  | { kind: 'closed' }
  /** Asked too often by me, or too much by everybody. */
  | { kind: 'wait'; seconds: number; because: 'too-often' | 'busy' }
  | { kind: 'payment-declined' }
  /** The session is over: nothing was done, or it is no business of whoever comes next. */
  | { kind: 'signed-out' }
  /** Not done, or nobody knows: asking again is safe, for it is the same request. `useBookings` is looked at for a while. */
  | { kind: 'failed' }

export type Seating = { sectionId?: string; qty?: number }

export type BookingState = {
  /** The events that are being booked. */
  underWay: Readonly<Record<string, true>>
  /** Books seats of an event; one, in the only section, unless said otherwise. Never throws. */
  book: (event: Listing, seating?: Seating) => Promise<Outcome>
}

type Order = { eventId: string; sectionId?: string; qty: number }

/** When my bookings are looked at for one whose outcome is not known: after these ms, one after the other. */
const looks = [0, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]

export const useBooking = create<BookingState>()((set, get) => {
  const beginRequest = openRequests()
  /** Ends a looking for a booking of an event, by the event's id. */
  const looking = new Map<string, AbortController>()

  onSignedOut(() => {
    for (const one of looking.values()) one.abort()
    looking.clear()
    set({ underWay: {} })
  })

  async function place(event: Listing, order: Order): Promise<Outcome> {
    const request = beginRequest(order)
    const { key, signal } = request
    looking.get(event.id)?.abort()
    const section = order.sectionId ?? onlySection(event)
    const { begin, settle } = useCatalog.getState()
    if (section) begin(event.id, key, section, order.qty)
    try {
      const receipt = await untilKnown(() => answer(api.POST('/book', { body: order, params: { header: { 'Idempotency-Key': key } } })), signal)
      if (request.again && !signal.aborted && (await wasCancelled(receipt.booking.id)) && !signal.aborted) {
        // The receipt is that of an earlier try, and what it booked has been given back since.
        request.settle()
        settle(event.id, key)
        return await place(event, order)
      }
      const booking = details(receipt, event)
      if (signal.aborted) return { kind: 'booked', booking }
      request.settle()
      settle(event.id, key, { receipt: receipt.event })
      useBookings.getState().add(booking)
      return { kind: 'booked', booking }
    } catch (error) {
      if (signal.aborted) return { kind: 'signed-out' }
      const outcome = outcomeOf(error)
      if (isFinal(outcome, error)) request.settle()
      settle(event.id, key, told(outcome, error, section))
      if (outcome.kind === 'already-booked') void useBookings.getState().load()
      if (outcome.kind === 'in-progress' || isUnknown(error)) void lookFor(event.id)
      return outcome
    }
  }

  /** Loads my bookings now and then until there is one of this event, the next try begins, or it has taken too long. */
  async function lookFor(eventId: string): Promise<void> {
    const over = new AbortController()
    looking.get(eventId)?.abort()
    looking.set(eventId, over)
    for (const wait of looks) {
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
      if (over.signal.aborted) return
      await useBookings.getState().load()
      if (useBookings.getState().byEvent[eventId]) break
    }
    if (looking.get(eventId) === over) looking.delete(eventId)
  }

  return {
    underWay: {},
    book: async (event, { sectionId, qty = 1 } = {}) => {
      if (get().underWay[event.id]) return { kind: 'in-progress' }
      set({ underWay: { ...get().underWay, [event.id]: true } })
      try {
        return await place(event, { eventId: event.id, ...(sectionId && { sectionId }), qty })
      } finally {
        const { [event.id]: _, ...underWay } = get().underWay
        set({ underWay })
      }
    },
  }
})

/** Whether a booking that was made once is one no more. Throws what `answer` throws. */
async function wasCancelled(id: string): Promise<boolean> {
  const { status } = await answer(api.GET('/bookings/{id}', { params: { path: { id } } }))
  return status === 'CANCELLED'
}

/** Whether asking again would be another request. */
function isFinal({ kind }: Outcome, error: unknown): boolean {
  if (kind === 'failed') return error instanceof Refused && error.status < 500
  return kind !== 'in-progress' && kind !== 'wait'
}

function outcomeOf(error: unknown): Outcome {
  if (error instanceof SignedOut) return { kind: 'signed-out' }
  if (!(error instanceof Refused)) return { kind: 'failed' }
  const { problem, status, retryAfter } = error
  switch (problem.code) {
    case 'sold_out':
      return { kind: 'sold-out' }
    case 'not_enough_tickets':
      return { kind: 'not-enough', remaining: problem.remaining ?? 0 }
    case 'already_booked':
      return { kind: 'already-booked', bookingId: problem.bookingId }
    case 'section_required':
    case 'unknown_section':
      return { kind: 'choose-section', sections: problem.sections ?? [] }
    case 'booking_in_progress':
    case 'already_holding':
      return { kind: 'in-progress' }
    case 'event_started':
      return { kind: 'started' }
    case 'sale_closed':
      return { kind: 'closed' }
    case 'payment_declined':
      return { kind: 'payment-declined' }
  }
  if (isUnknown(error)) return { kind: 'failed' }
  if (status === 429) return { kind: 'wait', seconds: retryAfter ?? 1, because: 'too-often' }
  if (status === 503 && retryAfter !== undefined) return { kind: 'wait', seconds: retryAfter, because: 'busy' }
  return { kind: 'failed' }
}

/** What a refusal says of the sale: that it is closed, or what is left of the section that was asked for. */
function told(outcome: Outcome, error: unknown, sectionId: string | undefined): Settled | undefined {
  if (outcome.kind === 'closed') return 'closed'
  const version = error instanceof Refused ? error.problem.version : undefined
  if (version === undefined || sectionId === undefined) return undefined
  if (outcome.kind === 'sold-out') return { refusal: { version, sectionId, remaining: 0 } }
  if (outcome.kind === 'not-enough') return { refusal: { version, sectionId, remaining: outcome.remaining } }
  return undefined
}

function onlySection({ sections }: Listing): string | undefined {
  return sections.length === 1 ? sections[0]?.id : undefined
}

/** The booking as the list of bookings has it. */
function details({ booking }: components['schemas']['BookingReceipt'], event: Listing): BookingDetails {
  const { id, status, quantity, amount, currency, createdAt, sectionId } = booking
  const section = event.sections.find((each) => each.id === sectionId)
  return {
    id, status, quantity, amount, currency, createdAt,
    event: { id: event.id, title: event.title, date: event.date, timeZone: event.timeZone, venue: event.venue },
    section: { id: sectionId, name: section?.name ?? '', price: section?.price ?? amount / quantity },
  }
}
