import { CircleCheck } from 'lucide-react'
import { cn } from '@/lib/cn'
import type { BookingDetails } from '@/store/bookings'
import { bookedWords, tickets } from './outcome-words'
import { moneyOrFree } from './price'

const focus = (panel: HTMLElement | null) => panel?.focus()

/** The booking that I have of an event. One that was `justMade` takes the focus, for the button that made it is gone. */
export function BookedPanel({ booking, title, justMade }: { booking: BookingDetails; title: string; justMade: boolean }) {
  return (
    <section
      ref={justMade ? focus : undefined}
      tabIndex={-1}
      aria-label="Your booking"
      className={cn('rounded-xl bg-good-soft p-4 text-sm outline-none', justMade && 'animate-rise')}
    >
      <p className="flex gap-3 font-medium text-good">
        <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0" />
        <span className="min-w-0 wrap-anywhere">{justMade ? bookedWords(title) : 'You have already booked this event.'}</span>
      </p>
      <dl className="mt-3 grid grid-cols-[auto_1fr] gap-x-6 gap-y-1 pl-7">
        <Fact name="Section">{booking.section.name}</Fact>
        <Fact name="Tickets">{tickets(booking.quantity)}</Fact>
        <Fact name="Total">{moneyOrFree(booking.amount, booking.currency)}</Fact>
      </dl>
    </section>
  )
}

function Fact({ name, children }: { name: string; children: string }) {
  return (
    <>
      <dt className="text-ink-soft">{name}</dt>
      <dd dir="auto" className="min-w-0 font-medium wrap-anywhere tabular">{children}</dd>
    </>
  )
}
