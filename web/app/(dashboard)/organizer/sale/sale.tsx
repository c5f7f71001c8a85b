'use client'

import { ExternalLink } from 'lucide-react'
import { useCallback } from 'react'
import { ClosedMark } from '@/components/organizer/closed-mark'
import { ButtonLink } from '@/components/ui/button'
import { api } from '@/lib/api'
import { formatDateTime, localTime } from '@/lib/format'
import { answer } from '@/lib/problem'
import type { Listing } from '@/store/catalog'
import { Bookings } from './bookings'
import { Figures } from './figures'
import { History } from './history'
import { SalesChart } from './sales-chart'
import { Sections } from './sections'
import { useFetched } from './use-fetched'
import { useThrottled } from './use-throttled'

/** While counts move, everything that is made from the log is read again at most this often, in ms. */
const pace = 2_000

/** How one event sells, for its organizer. */
export function Sale({ event }: { event: Listing }) {
  const { id, title, date, timeZone, venue, closed } = event
  const revision = useThrottled(event.version, pace)
  const overall = useFetched(
    useCallback((signal) => answer(api.GET('/events/{id}/sales', { params: { path: { id }, query: { bucket: 'day' } }, signal })), [id]),
    revision,
  )
  const there = date && timeZone ? localTime(date, timeZone) : null

  return (
    <>
      <div className="mt-2 flex flex-wrap items-start justify-between gap-x-6 gap-y-4">
        <div className="min-w-0">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <h1 className="min-w-0 text-2xl font-semibold wrap-anywhere"><bdi>{title}</bdi></h1>
            {closed && <ClosedMark />}
          </div>
          <p className="mt-1 wrap-anywhere text-ink-soft">{[date ? formatDateTime(date) : 'No date', there].filter(Boolean).join(' · ')}{venue && <> · <bdi>{venue}</bdi></>}</p>
        </div>
        <ButtonLink href={`/events?event=${id}`}>
          View public page
          <ExternalLink aria-hidden className="size-4" />
        </ButtonLink>
      </div>
      <Figures event={event} sales={overall.data?.meta ?? null} />
      <div className="mt-6 grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="grid min-w-0 gap-6">
          <SalesChart event={event} overall={overall} revision={revision} />
          <Bookings event={event} revision={revision} />
        </div>
        <div className="grid min-w-0 gap-6">
          <Sections event={event} />
          <History eventId={id} revision={revision} />
        </div>
      </div>
    </>
  )
}
