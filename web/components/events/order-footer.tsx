import { Button, ButtonLink } from '@/components/ui/button'
import type { Listing } from '@/store/catalog'
import { tickets } from './outcome-words'
import { moneyOrFree } from './price'
import type { Order } from './use-order'

/** The total and the button that books, or why there is none. */
export function OrderFooter({ event, order }: { event: Listing; order: Order }) {
  const { booked, booking, ended, section, most, quantity, total } = order
  if (booked) return <ButtonLink href="/bookings" variant="primary" className="w-full">See my bookings</ButtonLink>
  if (ended && !booking) return <Button disabled className="w-full">Sales have ended</Button>
  if (event.remainingTickets === 0 && !booking) return <Button variant="primary" disabled className="w-full">Sold Out</Button>
  return (
    <div className="flex items-center justify-between gap-4">
      <p className="min-w-0">
        <span className="block text-xs text-ink-faint">Total</span>
        <span className="block truncate text-lg leading-6 font-semibold tabular">{moneyOrFree(total, event.currency)}</span>
      </p>
      <Button variant="primary" busy={booking} disabled={!section || (most === 0 && !booking)} onClick={() => void order.submit()} className="min-w-40">
        {booking ? 'Booking...' : `Book ${tickets(quantity)}`}
      </Button>
    </div>
  )
}
