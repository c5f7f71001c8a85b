import { api } from '@/lib/api'
import { answer } from '@/lib/problem'
import type { BookingDetails } from '@/store/bookings'

/** One page of an event's bookings, newest first. */
export function bookingsPage(eventId: string, page: number, limit: number, signal?: AbortSignal) {
  return answer(api.GET('/events/{id}/bookings', { params: { path: { id: eventId }, query: { page, limit } }, signal }))
}

/** Every booking of an event. One that slips to the next page while they are read is there once. */
export async function allBookings(eventId: string): Promise<BookingDetails[]> {
  const found = new Map<string, BookingDetails>()
  for (let page = 1, pages = 1; page <= pages; page++) {
    const { data, meta } = await bookingsPage(eventId, page, 50)
    for (const booking of data) found.set(booking.id, booking)
    pages = meta.totalPages
  }
  return [...found.values()]
}

/** Bookings as a table for a spreadsheet, times in UTC. */
export function tableOf(bookings: readonly BookingDetails[]): (string | number)[][] {
  return [
    ['Booking', 'Buyer', 'Email', 'Section', 'Quantity', 'Amount', 'Currency', 'Status', 'Booked at', 'Cancelled at'],
    ...bookings.map(({ id, user, section, quantity, amount, currency, status, createdAt, cancelledAt }) => [
      id, user?.name ?? '', user?.email ?? '', section.name, quantity, amount, currency, status, createdAt, cancelledAt ?? '',
    ]),
  ]
}
