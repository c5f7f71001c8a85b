import { cn } from '@/lib/cn'

/** A grey block where something will be; give it the size of what comes. Screen readers pass it by. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={cn('block animate-shimmer rounded-md bg-sunken', className)} />
}
