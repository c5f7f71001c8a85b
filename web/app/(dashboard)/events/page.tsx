import type { Metadata } from 'next'
import { Suspense } from 'react'
import { Skeleton } from '@/components/ui/skeleton'
import { EventsBrowser } from './events-browser'
import { EventsHeading } from './events-heading'
import { ResultsSkeleton } from './results'

export const metadata: Metadata = { title: 'Events' }

export default function EventsPage() {
  return (
    <Suspense fallback={<EventsSkeleton />}>
      <EventsBrowser />
    </Suspense>
  )
}

/** What the prerendered page shows: the address is known to the browser only. */
function EventsSkeleton() {
  return (
    <>
      <EventsHeading>
        <Skeleton className="h-11 flex-1 rounded-lg" />
        <Skeleton className="h-11 w-11 shrink-0 rounded-lg sm:w-54" />
      </EventsHeading>
      <ResultsSkeleton />
    </>
  )
}
