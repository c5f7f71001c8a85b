import { Ticket } from 'lucide-react'
import Link from 'next/link'

/** The name, which leads home. */
export function Brand() {
  return (
    <Link href="/events" className="flex min-h-11 items-center gap-2.5 rounded-lg font-semibold tracking-tight">
      <span className="grid size-7 place-items-center rounded-lg bg-primary text-on-primary">
        <Ticket aria-hidden className="size-4 -rotate-12" />
      </span>
      Onsale
    </Link>
  )
}
