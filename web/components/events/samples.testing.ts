import type { BookingDetails } from '@/store/bookings'
import type { Listing } from '@/store/catalog'

/** Events and bookings for tests. */

export const eventId = '01900000-0000-7000-8000-000000000001'

type SampleSection = { name: string; price?: number; capacity?: number; remaining: number }

/** An event ahead of every clock, with the given sections. */
export function sampleEvent(sections: SampleSection[], changes: Partial<Listing> = {}): Listing {
  const all = sections.map(({ name, price = 10, capacity = 100, remaining }) => ({ id: name, name, price, capacity, remaining }))
  return {
    id: eventId,
    title: 'Gig',
    description: '',
    date: '2999-03-15T20:00:00Z',
    timeZone: null,
    venue: 'Hall',
    totalTickets: all.reduce((sum, { capacity }) => sum + capacity, 0),
    remainingTickets: all.reduce((sum, { remaining }) => sum + remaining, 0),
    price: Math.min(...all.map(({ price }) => price)),
    currency: 'EUR',
    sections: all,
    organizerId: eventId,
    version: 1,
    ...changes,
  }
}

export function sampleBooking(changes: Partial<BookingDetails> = {}): BookingDetails {
  return {
    id: '01900000-0000-7000-8000-00000000000b',
    status: 'CONFIRMED',
    quantity: 1,
    amount: 10,
    currency: 'EUR',
    createdAt: '2031-01-15T12:00:00Z',
    event: { id: eventId, title: 'Gig', date: null, timeZone: null, venue: '' },
    section: { id: 'General', name: 'General', price: 10 },
    ...changes,
  }
}
