import { CircleCheck, CircleX } from 'lucide-react'
import { cn } from '@/lib/cn'
import type { BookingDetails } from '@/store/bookings'

/** Whether a booking stands. */
export function BookingStatus({ status }: { status: BookingDetails['status'] }) {
  const stands = status === 'CONFIRMED'
  const Icon = stands ? CircleCheck : CircleX
  return (
    <span className={cn('inline-flex items-center gap-1 rounded-full px-2 py-0.5 text-xs font-medium', stands ? 'bg-good-soft text-good' : 'bg-sunken text-ink-soft')}>
      <Icon aria-hidden className="size-3.5" />
      {stands ? 'Confirmed' : 'Cancelled'}
    </span>
  )
}
