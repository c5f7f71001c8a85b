import { Skeleton } from '@/components/ui/skeleton'

/** Where the bookings will be, in their size. */
export function BookingSkeletons() {
  return (
    <div className="mt-6 grid gap-3">
      <p className="sr-only">Loading your bookings…</p>
      {[0, 1, 2].map((row) => (
        <div key={row} className="flex gap-4 rounded-xl border border-line bg-surface p-4 sm:p-5">
          <Skeleton className="h-15 w-13 shrink-0 rounded-lg" />
          <div className="min-w-0 flex-1">
            <Skeleton className="h-[1.375rem] w-1/2" />
            <Skeleton className="mt-2.5 h-4 w-3/5" />
            <Skeleton className="mt-2 h-4 w-2/5" />
            <Skeleton className="mt-2 h-4 w-1/3" />
            <Skeleton className="mt-3 h-4 w-2/5" />
            <Skeleton className="mt-3 h-11 w-36 rounded-lg sm:hidden" />
          </div>
        </div>
      ))}
    </div>
  )
}
