'use client'

import { Circle, CircleX, Clock, CreditCard, Lock, Rocket, Ticket, TimerOff, type LucideIcon } from 'lucide-react'
import { useState } from 'react'
import { Card } from '@/components/organizer/card'
import { CardError } from '@/components/organizer/card-error'
import { Button } from '@/components/ui/button'
import { Skeleton } from '@/components/ui/skeleton'
import { formatDateTime, formatNumber } from '@/lib/format'
import { notify } from '@/lib/notify'
import { explain } from '@/lib/problem'
import type { Entry } from './history-entries'
import { useHistory } from './use-history'

/** Everything that happened to the sale, newest first. */
export function History({ eventId, revision }: { eventId: string; revision: number }) {
  const { entries, error, loading, retry, more, older } = useHistory(eventId, revision)
  const [busy, setBusy] = useState(false)

  async function showOlder() {
    setBusy(true)
    try {
      await older()
    } catch (reason) {
      void notify('error', 'Older entries could not be loaded.', { description: explain(reason) })
    } finally {
      setBusy(false)
    }
  }

  return (
    <Card title="History">
      {entries.length === 0 && (error && !loading ? <CardError error={error} onRetry={retry} /> : <Skeleton className="h-64" />)}
      <ol className="grid grid-cols-1">
        {entries.map((entry) => <Happened key={entry.version} entry={entry} />)}
      </ol>
      {entries.length > 0 && more && <Button className="mt-3 w-full" busy={busy} onClick={() => void showOlder()}>Show older</Button>}
    </Card>
  )
}

function Happened({ entry: { version, type, at, summary } }: { entry: Entry }) {
  const { icon: Icon, color } = looks[type.replace(/\.v\d+$/, '')] ?? unknown
  return (
    <li className="group flex gap-3 text-sm">
      <span aria-hidden className="flex flex-col items-center">
        <Icon className={`my-1 size-4 shrink-0 ${color}`} />
        <span className="w-px flex-1 bg-line group-last:hidden" />
      </span>
      <p className="min-w-0 flex-1 pb-3">
        <span className="break-words">{summary}</span>
        <span className="flex justify-between gap-3 text-xs text-ink-faint">
          <time dateTime={at}>{formatDateTime(at)}</time>
          <span className="tabular">#{formatNumber(version)}</span>
        </span>
      </p>
    </li>
  )
}

const unknown = { icon: Circle, color: 'text-ink-faint' }

/** How each kind of entry looks; one that this page does not know yet is a plain dot. */
const looks: Partial<Record<string, { icon: LucideIcon; color: string }>> = {
  'sale.opened': { icon: Rocket, color: 'text-accent' },
  'seats.held': { icon: Clock, color: 'text-warn' },
  'payment.started': { icon: CreditCard, color: 'text-ink-faint' },
  'payment.failed': { icon: CircleX, color: 'text-bad' },
  'hold.released': { icon: TimerOff, color: 'text-ink-faint' },
  'hold.expired': { icon: TimerOff, color: 'text-ink-faint' },
  'booking.confirmed': { icon: Ticket, color: 'text-good' },
  'sale.closed': { icon: Lock, color: 'text-ink-soft' },
  'booking.cancelled': { icon: CircleX, color: 'text-bad' },
}
