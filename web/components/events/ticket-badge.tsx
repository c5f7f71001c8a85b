import type { ReactNode } from 'react'
import { cn } from '@/lib/cn'
import { formatNumber } from '@/lib/format'
import type { Listing } from '@/store/catalog'
import { level, type Level } from './level'
import { LiveNumber } from './live-number'
import { useEnded } from './use-ended'

const looks: Record<Level, string> = {
  plenty: 'bg-good-soft text-good',
  some: 'bg-warn-soft text-warn',
  few: 'bg-bad-soft text-bad',
  none: 'bg-sunken text-ink-soft',
}

/** How many tickets are left, in words and in one of four colours. */
export function TicketBadge({ remaining, total, className }: { remaining: number; total: number; className?: string }) {
  const how = level(remaining, total)
  return (
    <Badge how={how} className={className}>
      {how === 'none' ? 'Sold Out' : <span><LiveNumber value={remaining} /> of {formatNumber(total)} left</span>}
    </Badge>
  )
}

/** How the sale of an event stands: what is left, and that it has ended once what is left is of no use to a buyer. */
export function SaleBadge({ event, className }: { event: Listing; className?: string }) {
  const ended = useEnded(event)
  if (ended) return <Badge how="none" className={className}>Sales have ended</Badge>
  return <TicketBadge remaining={event.remainingTickets} total={event.totalTickets} className={className} />
}

function Badge({ how, className, children }: { how: Level; className?: string; children: ReactNode }) {
  return (
    <span data-level={how} className={cn('inline-flex min-h-6 items-center rounded-xl px-2.5 py-1 text-xs font-medium tabular', looks[how], className)}>
      {children}
    </span>
  )
}
