import type { Listing } from '@/store/catalog'
import { SectionChoice } from './section-choice'
import { OrderOutcome, SalesEnded, SectionGone } from './order-outcome'
import type { Order } from './use-order'

/** Chooses a section; says below what became of a try, and what is sold out or has ended while one looks. */
export function OrderForm({ event, order }: { event: Listing; order: Order }) {
  const { section, outcome, booking, ended } = order
  const came = outcome && <OrderOutcome outcome={outcome} event={event} section={section} onTake={order.submit} onChoose={order.choose} />
  // What is being paid for is not lost by the end of sales: it may still become a booking.
  if (ended && !booking) return outcome?.kind === 'in-progress' ? came : <SalesEnded why={ended} title={event.title} />
  return (
    <div className="grid grid-cols-1 gap-5">
      <fieldset disabled={booking} aria-label="Your tickets" className="min-w-0">
        <SectionChoice event={event} chosen={section} onChoose={order.choose} />
      </fieldset>
      {came}
      {!outcome && !booking && section?.remaining === 0 && <SectionGone event={event} section={section} onChoose={order.choose} />}
    </div>
  )
}
