import { Plus } from 'lucide-react'
import type { Metadata } from 'next'
import { Suspense } from 'react'
import { ButtonLink } from '@/components/ui/button'
import { EventSkeletons } from './event-skeletons'
import { MyEvents } from './my-events'

export const metadata: Metadata = { title: 'My events' }

export default function OrganizerPage() {
  return (
    <>
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-4">
        <div>
          <h1 className="text-2xl font-semibold">My events</h1>
          <p className="mt-1 text-ink-soft">What you sell tickets for, as it stands right now.</p>
        </div>
        <ButtonLink href="/organizer/new" variant="primary">
          <Plus aria-hidden className="size-4" />
          New event
        </ButtonLink>
      </div>
      <Suspense fallback={<EventSkeletons />}>
        <MyEvents />
      </Suspense>
    </>
  )
}
