import { LoaderCircle } from 'lucide-react'
import { cn } from '@/lib/cn'

/** A turning circle. Says nothing to screen readers: the words beside it do. */
export function Spinner({ className }: { className?: string }) {
  return <LoaderCircle aria-hidden className={cn('size-4 animate-spin', className)} />
}
