'use client'

import { CircleAlert } from 'lucide-react'
import { useFormContext, useWatch } from 'react-hook-form'
import { Button } from '@/components/ui/button'
import { formatDateTime, formatMoney, formatNumber, localTime } from '@/lib/format'
import { decimal } from '@/lib/money'
import type { EventDraft } from './event-draft'
import { totals } from './totals'
import { momentOf } from './wall-time'

/** What the draft adds up to, and the button that publishes it. */
export function Summary() {
  const { control, formState: { errors, isSubmitting, isSubmitSuccessful } } = useFormContext<EventDraft>()
  const [title, date, timeZone, currency, sections] = useWatch({ control, name: ['title', 'date', 'timeZone', 'currency', 'sections'] })
  const { seats, value } = totals(sections, currency)
  const publishing = isSubmitting || isSubmitSuccessful // until its page is there
  return (
    <section aria-label="Summary" className="rounded-xl border border-line bg-surface p-5 shadow-card sm:p-6 lg:sticky lg:top-24">
      <p dir="auto" className="truncate font-semibold">{title.trim() || 'Your event'}</p>
      <Starts date={date} timeZone={timeZone} />
      <dl className="mt-4 grid gap-2 border-t border-line pt-4 text-sm">
        <div className="flex items-baseline justify-between gap-4">
          <dt className="text-ink-soft">Sections</dt>
          <dd className="tabular">{sections.length}</dd>
        </div>
        <div className="flex items-baseline justify-between gap-4">
          <dt className="text-ink-soft">Seats</dt>
          <dd className="tabular">{formatNumber(seats)}</dd>
        </div>
        <div className="flex items-baseline justify-between gap-4">
          <dt className="text-ink-soft">When all are sold</dt>
          <dd className="tabular min-w-0 font-semibold break-words">{formatMoney(Number(decimal(value, currency)), currency)}</dd>
        </div>
      </dl>
      {errors.root?.message && (
        <p role="alert" className="mt-4 flex gap-2 rounded-lg bg-bad-soft px-3 py-2.5 text-sm text-bad">
          <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          {errors.root.message}
        </p>
      )}
      <Button type="submit" variant="primary" busy={publishing} className="mt-5 w-full">
        {publishing ? 'Publishing…' : 'Publish'}
      </Button>
    </section>
  )
}

/** The date as buyers will read it, where it differs with the clock at the venue. */
function Starts({ date, timeZone }: { date: string; timeZone: string }) {
  const moment = date === '' ? null : momentOf(date, timeZone)?.toISOString()
  const there = moment ? localTime(moment, timeZone) : null
  return (
    <p className="mt-0.5 min-h-11 text-sm text-ink-soft">
      {moment ? formatDateTime(moment) : 'No date yet'}
      {there && <span className="block">{there}</span>}
    </p>
  )
}
