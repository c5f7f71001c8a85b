import type { ReactNode } from 'react'
import { LiveNumber } from '@/components/events/live-number'
import { Skeleton } from '@/components/ui/skeleton'
import { formatMoney, formatNumber } from '@/lib/format'
import type { components } from '@/lib/openapi.gen'
import type { Listing } from '@/store/catalog'

/** The four numbers one looks for first. What is left is live; the others follow within seconds. */
export function Figures({ event, sales }: { event: Listing; sales: components['schemas']['SalesMeta'] | null }) {
  const { totalTickets, remainingTickets, currency, closed } = event
  const totals = sales?.totals
  return (
    <dl className="mt-6 grid grid-cols-2 gap-3 lg:grid-cols-4">
      <Figure name="Left" note={`of ${formatNumber(totalTickets)}`}><LiveNumber value={remainingTickets} /></Figure>
      <Figure name="Sold here" note="after cancellations">{totals && <LiveNumber value={totals.booked - totals.cancelled} />}</Figure>
      <Figure name="Revenue" note="after cancellations">{totals && formatMoney(totals.revenue, currency)}</Figure>
      <Figure name="Cancelled" note={closed ? 'given back' : 'back on sale'}>{totals && formatNumber(totals.cancelled)}</Figure>
    </dl>
  )
}

function Figure({ name, note, children }: { name: string; note: string; children: ReactNode }) {
  return (
    <div className="min-w-0 rounded-xl border border-line bg-surface p-4 shadow-card">
      <dt className="text-sm text-ink-soft">{name}</dt>
      <dd>
        <span className="mt-0.5 block min-h-8 truncate text-xl font-semibold tracking-tight tabular sm:text-2xl/8">
          {children ?? <Skeleton className="h-8 w-20" />}
        </span>
        <span className="block truncate text-xs text-ink-faint">{note}</span>
      </dd>
    </div>
  )
}
