import { cn } from '@/lib/cn'
import { formatNumber } from '@/lib/format'
import { level, type Level } from './level'
import { LiveNumber } from './live-number'

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
    <span data-level={how} className={cn('inline-flex h-6 items-center gap-1 rounded-full px-2.5 text-xs font-medium whitespace-nowrap tabular', looks[how], className)}>
      {how === 'none' ? 'Sold Out' : <span><LiveNumber value={remaining} /> of {formatNumber(total)} left</span>}
    </span>
  )
}
