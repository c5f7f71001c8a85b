'use client'

import Link from 'next/link'
import { DateTile } from '@/components/events/date-tile'
import { LiveNumber } from '@/components/events/live-number'
import { ClosedMark } from '@/components/organizer/closed-mark'
import { TakenBar } from '@/components/organizer/taken-bar'
import { formatDateTime, formatNumber } from '@/lib/format'
import { useEventView } from '@/store/catalog'

/** One event of mine with how far it has sold; leads to its sale. */
export function EventRow({ id }: { id: string }) {
  const event = useEventView(id)
  if (!event) return null
  const { title, date, venue, totalTickets, remainingTickets, closed } = event
  const taken = totalTickets - remainingTickets
  return (
    <li className="relative grid items-center gap-x-6 gap-y-3 p-4 transition-colors hover:bg-sunken/50 sm:grid-cols-[1fr_15rem] sm:px-5">
      <div className="flex min-w-0 items-center gap-4">
        <DateTile date={date} />
        <div className="min-w-0">
          <div className="flex items-center gap-2">
            <h2 className="truncate font-semibold">
              <Link href={`/organizer/sale?event=${id}`} className="after:absolute after:inset-0 after:rounded-xl focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent">
                <bdi>{title}</bdi>
              </Link>
            </h2>
            {closed && <ClosedMark />}
          </div>
          <p className="text-sm text-ink-soft sm:truncate">{date ? formatDateTime(date) : 'No date'}{venue && <> · <bdi>{venue}</bdi></>}</p>
        </div>
      </div>
      <div className="grid gap-2 text-sm">
        <p className="flex justify-between gap-4">
          <span><LiveNumber value={taken} /> of <span className="tabular">{formatNumber(totalTickets)}</span> taken</span>
          <span className="text-ink-soft">{remainingTickets === 0 ? 'Sold out' : <><LiveNumber value={remainingTickets} /> left</>}</span>
        </p>
        <TakenBar taken={taken} total={totalTickets} />
      </div>
    </li>
  )
}
