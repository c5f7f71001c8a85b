import { CalendarDays, MapPin, type LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { formatDateTime, localTime } from '@/lib/format'
import type { Listing } from '@/store/catalog'

/** When and where an event is, and what it is about. The time is the reader's; the venue's stands below where it is another. */
export function EventFacts({ event: { date, timeZone, venue, description } }: { event: Listing }) {
  const there = date && timeZone ? localTime(date, timeZone) : null
  return (
    <div>
      <ul className="grid gap-3 text-sm">
        <Fact icon={CalendarDays}>
          {date ? <time dateTime={date} className="font-medium tabular">{formatDateTime(date)}</time> : <span className="font-medium">Date to be announced</span>}
          {there && <span className="block text-ink-soft tabular">{there}</span>}
        </Fact>
        <Fact icon={MapPin}><bdi className="font-medium">{venue || 'Venue to be announced'}</bdi></Fact>
      </ul>
      {description && <p dir="auto" className="mt-5 text-pretty wrap-anywhere whitespace-pre-line text-ink-soft">{description}</p>}
    </div>
  )
}

function Fact({ icon: Icon, children }: { icon: LucideIcon; children: ReactNode }) {
  return (
    <li className="flex gap-3">
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-ink-faint" />
      <div className="min-w-0 wrap-anywhere">{children}</div>
    </li>
  )
}
