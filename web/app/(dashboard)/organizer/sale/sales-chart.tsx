'use client'

import { ChartSpline } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useCallback, useMemo, useState } from 'react'
import { Card } from '@/components/organizer/card'
import { CardError } from '@/components/organizer/card-error'
import { Skeleton } from '@/components/ui/skeleton'
import { api } from '@/lib/api'
import { now } from '@/lib/clock'
import { formatNumber } from '@/lib/format'
import type { components } from '@/lib/openapi.gen'
import { answer, Refused } from '@/lib/problem'
import type { Listing } from '@/store/catalog'
import { BucketChoice } from './bucket-choice'
import { SalesTable } from './sales-table'
import { curve, suitable, whenWords, type BucketSize, type Curve } from './timeline'
import { useFetched, type Fetched } from './use-fetched'

type Timeline = components['schemas']['SalesTimeline']

// The chart is drawn by a library that nobody else needs.
const Plot = dynamic(() => import('./plot').then((module) => module.Plot), { ssr: false, loading: () => <Skeleton className="h-full" /> })

/** Tickets sold over time, following the sale. `overall` is its timeline by days. */
export function SalesChart({ event, overall, revision }: { event: Listing; overall: Fetched<Timeline>; revision: number }) {
  const [chosen, choose] = useState<BucketSize | null>(null)
  const meta = overall.data?.meta
  const size = chosen ?? (meta && suitable(meta.from, meta.to))
  const secondsUntil = meta?.secondsUntil ?? null
  const choices: BucketSize[] = secondsUntil ? ['second', 'minute', 'hour', 'day'] : ['minute', 'hour', 'day']
  return (
    <Card title="Sales" action={<BucketChoice choices={choices} chosen={size ?? 'minute'} onChoose={choose} />}>
      {size && meta ? (
        <Drawn event={event} size={size} secondsUntil={secondsUntil} revision={revision} />
      ) : overall.error ? (
        <CardError error={overall.error} onRetry={overall.retry} />
      ) : (
        <Waiting />
      )}
    </Card>
  )
}

function Drawn({ event, size, secondsUntil, revision }: { event: Listing; size: BucketSize; secondsUntil: string | null; revision: number }) {
  const { id, date, currency, closed } = event
  const [pointed, point] = useState<number | null>(null)
  const { data, error, retry } = useFetched(
    useCallback(
      async (signal) => {
        const to = size === 'second' && secondsUntil ? secondsUntil : undefined
        const timeline = await answer(api.GET('/events/{id}/sales', { params: { path: { id }, query: { bucket: size, to } }, signal }))
        return { buckets: timeline.data, size, until: Math.min(now(), Date.parse(to ?? date ?? '') || Infinity) / 1000 }
      },
      [id, size, secondsUntil, date],
    ),
    revision,
  )
  const drawn = useMemo(() => data && curve(data.buckets, data.size, data.until), [data])

  if (error instanceof Refused && error.problem.code === 'invalid') {
    return <p className="grid h-64 place-items-center px-6 text-center text-ink-soft">There are too many {size}s in this sale to show. Choose longer ones.</p>
  }
  if (!data || !drawn) return error ? <CardError error={error} onRetry={retry} /> : <Waiting />
  if (drawn.at.length === 0) {
    return (
      <div className="grid h-64 place-content-center justify-items-center gap-2 text-center text-ink-soft">
        <ChartSpline aria-hidden className="size-5 text-ink-faint" />
        <p>{closed ? 'Nothing was sold.' : 'Nothing has been sold yet. The first tickets appear here within seconds.'}</p>
      </div>
    )
  }
  return (
    <>
      <p className="sr-only">A chart of the tickets sold over time: {formatNumber(drawn.total.at(-1) ?? 0)} by now. Its numbers are in the table below.</p>
      <p className="mt-1 min-h-11 text-sm text-ink-soft tabular sm:mt-0 sm:min-h-6" aria-hidden>{pointWords(drawn, pointed, data.size)}</p>
      <div className="mt-2 h-56">
        <Plot curve={drawn} size={data.size} onPoint={point} />
      </div>
      <SalesTable buckets={data.buckets} size={data.size} currency={currency} />
    </>
  )
}

function Waiting() {
  return (
    <>
      <Skeleton className="mt-1 h-11 w-56 sm:mt-0 sm:h-6" />
      <Skeleton className="mt-2 h-56" />
      <div className="h-13" />
    </>
  )
}

/** What the chart shows under the pointer; at its end where there is none. */
function pointWords({ at, total, sold }: Curve, pointed: number | null, size: BucketSize): string {
  const i = pointed !== null && pointed < at.length ? pointed : at.length - 1
  const here = sold[i]
  const all = `${formatNumber(total[i] ?? 0)} sold`
  if (pointed === null || at[i] === undefined) return `${all} by now`
  const when = whenWords(new Date(at[i] * 1000).toISOString(), size)
  return here ? `${when}: ${all}, ${here > 0 ? '+' : '−'}${formatNumber(Math.abs(here))} in this ${size}` : `${when}: ${all}`
}
