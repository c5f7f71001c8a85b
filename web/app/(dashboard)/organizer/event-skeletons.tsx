import { Skeleton } from '@/components/ui/skeleton'

/** Where my events will be, in their size. */
export function EventSkeletons() {
  return (
    <div className="mt-6 divide-y divide-line rounded-xl border border-line bg-surface shadow-card">
      <p className="sr-only">Loading your events…</p>
      {[0, 1, 2, 3].map((row) => (
        <div key={row} className="grid items-center gap-x-6 gap-y-3 p-4 sm:grid-cols-[1fr_15rem] sm:px-5">
          <div className="flex items-center gap-4">
            <Skeleton className="h-15 w-13 shrink-0 rounded-lg" />
            <div className="flex-1">
              <Skeleton className="h-[1.375rem] w-3/5" />
              <Skeleton className="mt-2 h-4 w-2/5" />
            </div>
          </div>
          <Skeleton className="h-[1.875rem]" />
        </div>
      ))}
    </div>
  )
}
