'use client'

import { CalendarX2, CloudOff } from 'lucide-react'
import { useEffect } from 'react'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { Notice } from '@/components/ui/notice'
import { Skeleton } from '@/components/ui/skeleton'
import { explain } from '@/lib/problem'
import { useCatalog, useEventView, type Opened } from '@/store/catalog'
import { BookedPanel } from './booked-panel'
import { EventFacts } from './event-facts'
import { OrderFooter } from './order-footer'
import { OrderForm } from './order-form'
import { ThresholdAnnouncer } from './threshold-announcer'
import { useOrder } from './use-order'

/** Everything about one event, and its tickets to choose and book. Give it the event's id as `key`: another event is another sheet. */
export function EventSheet({ id, onClose }: { id: string; onClose: () => void }) {
  const event = useEventView(id)
  const opened = useCatalog((state) => state.opened[id])
  const open = useCatalog((state) => state.open)
  const { place, ...order } = useOrder(id, event)

  useEffect(() => {
    void open(id)
  }, [open, id])

  if (!event) {
    return (
      <Dialog shape="sheet" title="Event" onClose={onClose}>
        <NotThere opened={opened} onRetry={() => void open(id)} onClose={onClose} />
      </Dialog>
    )
  }
  return (
    <Dialog shape="sheet" title={<bdi className="wrap-anywhere">{event.title}</bdi>} onClose={onClose} footer={<OrderFooter event={event} order={order} />}>
      <ThresholdAnnouncer id={id} />
      <div ref={place} className="grid grid-cols-1 gap-6 pt-1">
        <EventFacts event={event} />
        {order.booked ? (
          <BookedPanel booking={order.booked} title={event.title} justMade={order.outcome?.kind === 'booked'} />
        ) : (
          <OrderForm event={event} order={order} />
        )}
      </div>
    </Dialog>
  )
}

/** Stands for an event that an address names and that nobody has. */
export function UnknownEventSheet({ onClose }: { onClose: () => void }) {
  return (
    <Dialog shape="sheet" title="Event" onClose={onClose}>
      <Missing onClose={onClose} />
    </Dialog>
  )
}

function NotThere({ opened, onRetry, onClose }: { opened: Opened | undefined; onRetry: () => void; onClose: () => void }) {
  if (opened?.status === 'missing') return <Missing onClose={onClose} />
  if (opened?.status === 'failed') {
    return (
      <Notice icon={CloudOff} title="This event could not be loaded" text={explain(opened.error)}>
        <Button variant="primary" onClick={onRetry}>Try again</Button>
      </Notice>
    )
  }
  return (
    <div className="grid content-start gap-3 pt-1">
      <output className="sr-only">Loading the event</output>
      <Skeleton className="h-5 w-64 max-w-full" />
      <Skeleton className="h-5 w-40" />
      <Skeleton className="mt-2 h-12" />
      <Skeleton className="mt-3 h-42 rounded-xl" />
      <Skeleton className="mt-2 h-11" />
    </div>
  )
}

function Missing({ onClose }: { onClose: () => void }) {
  return (
    <Notice icon={CalendarX2} title="There is no such event" text="The address may be mistyped, or the event was never on sale.">
      <Button variant="primary" onClick={onClose}>See all events</Button>
    </Notice>
  )
}
