import type { ReactNode } from 'react'

/** The page's name, and beside it, or below it on a phone, what one finds events with. */
export function EventsHeading({ children }: { children: ReactNode }) {
  return (
    <div className="mb-6 flex flex-col gap-4 md:flex-row md:items-center md:justify-between">
      <h1 className="text-2xl font-semibold">Events</h1>
      <div className="flex gap-2 md:w-xl md:max-w-2/3">{children}</div>
    </div>
  )
}
