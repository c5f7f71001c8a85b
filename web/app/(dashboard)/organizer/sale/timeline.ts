import { formatDate, formatDateTime } from '@/lib/format'
import type { components } from '@/lib/openapi.gen'

export type Bucket = components['schemas']['SalesBucket']
export type BucketSize = components['schemas']['SalesMeta']['bucket']

/** How long a bucket is, in seconds. */
export const seconds: Record<BucketSize, number> = { second: 1, minute: 60, hour: 3600, day: 86_400 }

/** What the chart draws: times in seconds since 1970, the tickets sold until then, and those sold in the bucket that begins there. */
export type Curve = { at: number[]; total: number[]; sold: (number | null)[] }

/**
 * The curve of a timeline, whose empty buckets the API leaves out: between two points nothing happened. It begins at nothing
 * just before the first bucket and goes on level until `until`, in seconds since 1970.
 */
export function curve(buckets: readonly Bucket[], size: BucketSize, until: number): Curve {
  const drawn: Curve = { at: [], total: [], sold: [] }
  const [first] = buckets
  if (!first) return drawn
  let total = 0
  point(drawn, time(first) - seconds[size], 0, null)
  for (const bucket of buckets) {
    total += bucket.booked - bucket.cancelled
    point(drawn, time(bucket), total, bucket.booked - bucket.cancelled)
  }
  const end = Math.max(until, (drawn.at.at(-1) ?? 0) + seconds[size])
  point(drawn, end, total, null)
  return drawn
}

/** Buckets that suit a sale which has been going on for so long: a first day by minutes, two weeks by hours. */
export function suitable(from: string | null, to: string | null): BucketSize {
  if (from === null || to === null) return 'minute'
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000
  if (days <= 1) return 'minute'
  return days <= 14 ? 'hour' : 'day'
}

function point({ at, total, sold }: Curve, when: number, all: number, here: number | null) {
  at.push(when)
  total.push(all)
  sold.push(here)
}

function time({ at }: Bucket): number {
  return Date.parse(at) / 1000
}

/** Distances that marks on an axis of time may have, in seconds. */
const distances = [
  1, 2, 5, 10, 15, 30,
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * seconds.minute),
  ...[1, 2, 3, 4, 6, 12].map((hours) => hours * seconds.hour),
  ...[1, 2, 3, 7, 14, 30, 60, 90, 180, 365, 730, 1825, 3650].map((days) => days * seconds.day),
]

/** Those of them that suit the buckets: marks are never finer than what they mark. */
export function markDistances(size: BucketSize): number[] {
  return distances.filter((distance) => distance >= seconds[size])
}

const clocks = {
  day: new Intl.DateTimeFormat('en-US', { month: 'short', day: 'numeric' }),
  minute: new Intl.DateTimeFormat('en-US', { hour: 'numeric', minute: '2-digit' }),
  second: new Intl.DateTimeFormat('en-US', { hour: 'numeric', minute: '2-digit', second: '2-digit' }),
}

/** When a bucket begins, on the reader's clock: "March 15, 2025 at 10:00 AM". Days are those of UTC, as the API counts them. */
export function whenWords(at: string, size: BucketSize): string {
  if (size === 'day') return formatDate(at, { timeZone: 'UTC' })
  return size === 'second' ? `${formatDate(at)} at ${clocks.second.format(new Date(at))}` : formatDateTime(at)
}

/** A mark on the axis of time, in seconds since 1970, where the marks are so many seconds apart: "10:05 AM", at midnight "Mar 15". */
export function tickWords(at: number, step: number): string {
  const mark = new Date(at * 1000)
  const midnight = mark.getHours() === 0 && mark.getMinutes() === 0 && mark.getSeconds() === 0
  if (midnight || step >= seconds.day) return clocks.day.format(mark)
  return clocks[step >= seconds.minute ? 'minute' : 'second'].format(mark)
}
