import { Skeleton } from '@/components/ui/skeleton'

/** Where a sale will be, in its size. */
export function SaleSkeleton() {
  return (
    <div>
      <h1 className="sr-only">Sale</h1>
      <p className="sr-only">Loading the sale…</p>
      <Skeleton className="mt-3 h-8 w-72 max-w-full" />
      <Skeleton className="mt-2.5 h-4 w-96 max-w-full" />
      <div className="mt-6 grid grid-cols-2 gap-3 lg:grid-cols-4">
        {[0, 1, 2, 3].map((tile) => <Skeleton key={tile} className="h-[6.625rem] rounded-xl" />)}
      </div>
      <Skeleton className="mt-6 h-[25rem] rounded-xl" />
    </div>
  )
}
