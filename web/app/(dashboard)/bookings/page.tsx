import type { Metadata } from 'next'
import { BookingList } from './booking-list'

export const metadata: Metadata = { title: 'My bookings' }

export default function BookingsPage() {
  return (
    <div className="mx-auto max-w-3xl">
      <h1 className="text-2xl font-semibold">My bookings</h1>
      <p className="mt-1 text-ink-soft">Every ticket you booked, newest first.</p>
      <BookingList />
    </div>
  )
}
