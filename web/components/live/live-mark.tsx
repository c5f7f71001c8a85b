'use client'

import { cn } from '@/lib/cn'
import { useConnection } from '@/store/connection'

const looks = {
  live: { text: 'Live', dot: 'bg-good' },
  reconnecting: { text: 'Reconnecting…', dot: 'animate-pulse bg-warn' },
  offline: { text: 'Offline', dot: 'bg-ink-faint' },
} as const

/**
 * Says whether the counts on the page move by themselves; nothing where there are none. Only trouble is announced, and being
 * offline by the bar that explains it.
 */
export function LiveMark() {
  const online = useConnection((state) => state.online)
  const live = useConnection((state) => state.live)
  const look = online ? live : 'offline'
  return (
    <span className="flex min-h-11 items-center text-xs font-medium text-ink-soft">
      {(look === 'live' || look === 'offline') && <Mark look={look} />}
      <output>{look === 'reconnecting' && <Mark look={look} />}</output>
    </span>
  )
}

function Mark({ look }: { look: keyof typeof looks }) {
  return (
    <span className="flex items-center gap-2 px-2 whitespace-nowrap">
      <span aria-hidden className={cn('size-1.5 rounded-full', looks[look].dot)} />
      {looks[look].text}
    </span>
  )
}
