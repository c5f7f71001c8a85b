'use client'

import dynamic from 'next/dynamic'
import { Skeleton } from '@/components/ui/skeleton'

// The form knows this browser's time zone and its list of zones, which the machine that builds the page does not.
export const NewEvent = dynamic(() => import('./event-form').then((module) => module.EventForm), { ssr: false, loading: FormSkeleton })

function FormSkeleton() {
  return (
    <div className="mt-6 grid items-start gap-6 lg:grid-cols-[1fr_20rem]">
      <div className="grid gap-6">
        <Skeleton className="h-[29.5rem] rounded-xl" />
        <Skeleton className="h-60 rounded-xl" />
      </div>
      <Skeleton className="h-72 rounded-xl" />
    </div>
  )
}
