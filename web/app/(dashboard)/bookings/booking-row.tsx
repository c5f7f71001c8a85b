import { CalendarDays, MapPin, Ticket } from 'lucide-react'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { BookingStatus } from '@/components/bookings/booking-status'
import { DateTile } from '@/components/events/date-tile'
import { moneyOrFree } from '@/components/events/price'
import { useStarted } from '@/components/events/use-started'
import { Button } from '@/components/ui/button'
import { cn } from '@/lib/cn'
import { formatDate, formatDateTime, localTime } from '@/lib/format'
import type { BookingDetails } from '@/store/bookings'

/** Where the focus goes when a booking's button has gone away. */
export const titleId = (booking: BookingDetails) => `booking-${booking.id}`

export function BookingRow({ booking, onCancel }: { booking: BookingDetails; onCancel: (booking: BookingDetails) => void }) {
  const { event, section, quantity, status } = booking
  const live = status === 'CONFIRMED'
  const started = useStarted(event.date)
  const there = event.date && event.timeZone ? localTime(event.date, event.timeZone) : null
  return (
    <li className="flex gap-4 rounded-xl border border-line bg-surface p-4 shadow-card sm:p-5">
      <div className={cn('shrink-0', (!live || started) && 'grayscale')}><DateTile date={event.date} /></div>
      <div className="grid min-w-0 flex-1 gap-x-4 gap-y-3 sm:grid-cols-[1fr_auto]">
        <div className="min-w-0">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <h2 className="min-w-0 font-semibold wrap-anywhere">
              <Link id={titleId(booking)} href={`/events?event=${event.id}`} className="rounded-sm underline-offset-4 hover:underline"><bdi>{event.title}</bdi></Link>
            </h2>
            <BookingStatus status={status} />
          </div>
          <ul className="mt-1.5 grid gap-1 text-sm text-ink-soft">
            <Fact icon={CalendarDays}>
              {event.date ? formatDateTime(event.date) : 'Date to be announced'}
              {there && <span className="block text-ink-faint">{there}</span>}
            </Fact>
            {event.venue && <Fact icon={MapPin}><bdi>{event.venue}</bdi></Fact>}
            <Fact icon={Ticket}>
              <bdi>{section.name}</bdi> × {quantity} · <span className="tabular">{moneyOrFree(booking.amount, booking.currency)}</span>
            </Fact>
          </ul>
          <p className="mt-2 text-sm text-ink-faint">
            Booked on {formatDate(booking.createdAt)}
            {booking.cancelledAt && `, cancelled on ${formatDate(booking.cancelledAt)}`}
          </p>
        </div>
        {live && !started && (
          <Button className="justify-self-start sm:self-center" aria-label={`Cancel Booking: ${event.title}`} onClick={() => onCancel(booking)}>
            Cancel Booking
          </Button>
        )}
      </div>
    </li>
  )
}

function Fact({ icon: Icon, children }: { icon: typeof Ticket; children: ReactNode }) {
  return (
    <li className="flex gap-2">
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-ink-faint" />
      <span className="min-w-0 wrap-anywhere">{children}</span>
    </li>
  )
}
