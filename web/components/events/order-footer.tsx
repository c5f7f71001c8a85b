import { Button, ButtonLink } from '@/components/ui/button'
import { cn } from '@/lib/cn'
import type { Listing } from '@/store/catalog'
import { tickets } from './outcome-words'
import { moneyOrFree } from './price'
import { QuantityStepper } from './quantity-stepper'
import type { Order } from './use-order'

/** A total of more characters than this is written smaller, so that all of it has room beside the button. */
const longWords = 13

/** How many, the total and the button that books, or why there is none. It stays in sight, however many sections there are. */
export function OrderFooter({ event, order }: { event: Listing; order: Order }) {
  const { booked, booking, ended, section, most, quantity, total } = order
  if (booked) return <ButtonLink href="/bookings" variant="primary" className="w-full">See my bookings</ButtonLink>
  if (ended && !booking) return <Button disabled className="w-full">Sales have ended</Button>
  if (event.remainingTickets === 0 && !booking) return <Button variant="primary" disabled className="w-full">Sold Out</Button>
  const words = moneyOrFree(total, event.currency)
  return (
    <div className="grid grid-cols-1 gap-4">
      {(most > 0 || booking) && <QuantityStepper quantity={quantity} most={most} booking={booking} onChange={order.setQuantity} />}
      <div className="flex items-center justify-between gap-4">
        <p className="min-w-0">
          <span className="block text-xs text-ink-faint">Total</span>
          <span className={cn('block leading-6 font-semibold wrap-anywhere tabular', words.length > longWords ? 'text-sm' : 'text-lg')}>{words}</span>
        </p>
        <Button variant="primary" busy={booking} disabled={!section || (most === 0 && !booking)} onClick={() => void order.submit()} className="min-w-40">
          {booking ? 'Booking...' : `Book ${tickets(quantity)}`}
        </Button>
      </div>
    </div>
  )
}
