'use client'

import { CloudOff, WifiOff } from 'lucide-react'
import { useConnection } from '@/store/connection'

/** Says so when nothing on the page can be current. It lies over the page below the header, so that nothing moves. */
export function ConnectionBar() {
  const online = useConnection((state) => state.online)
  const reachable = useConnection((state) => state.reachable)
  return (
    <output className="pointer-events-none fixed inset-x-0 top-[calc(4rem+1px)] z-20">
      {!online && <Bar icon={WifiOff} text="You are offline. Counts may be out of date." />}
      {online && !reachable && <Bar icon={CloudOff} text="The server cannot be reached. Trying again…" />}
    </output>
  )
}

function Bar({ icon: Icon, text }: { icon: typeof WifiOff; text: string }) {
  return (
    <span className="flex animate-rise items-center justify-center gap-2 border-b border-line bg-warn-soft px-4 py-1 text-xs font-medium text-warn">
      <Icon aria-hidden className="size-3.5 shrink-0" />
      {text}
    </span>
  )
}
