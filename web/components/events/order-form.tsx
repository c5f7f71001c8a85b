import type { Listing } from '@/store/catalog'
import { QuantityStepper } from './quantity-stepper'
import { SectionChoice } from './section-choice'
import { OrderOutcome, SectionGone } from './order-outcome'
import type { Order } from './use-order'

/** Chooses tickets; says below what became of a try, and what is sold out while one looks. */
export function OrderForm({ event, order }: { event: Listing; order: Order }) {
  const { section, most, quantity, outcome, booking, started } = order
  if (started) return null
  return (
    <div className="grid grid-cols-1 gap-5">
      <fieldset disabled={booking} aria-label="Your tickets" className="grid min-w-0 grid-cols-1 gap-5">
        <SectionChoice event={event} chosen={section} onChoose={order.choose} />
        {(most > 0 || booking) && <QuantityStepper quantity={quantity} most={most} booking={booking} onChange={order.setQuantity} />}
      </fieldset>
      {outcome && <OrderOutcome outcome={outcome} event={event} section={section} onTake={order.submit} onChoose={order.choose} />}
      {!outcome && !booking && section?.remaining === 0 && <SectionGone event={event} section={section} onChoose={order.choose} />}
    </div>
  )
}
