'use client'

import { CloudOff, Ticket } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useShallow } from 'zustand/react/shallow'
import { Button, ButtonLink } from '@/components/ui/button'
import { Notice } from '@/components/ui/notice'
import { explain } from '@/lib/problem'
import { useBookings, type BookingDetails } from '@/store/bookings'
import { useLive } from '@/store/live'
import { BookingRow } from './booking-row'
import { BookingSkeletons } from './booking-skeletons'
import { CancelDialog } from './cancel-dialog'

/** No counts are shown here; what could not be loaded is loaded again. */
const none: readonly string[] = []

/** Every booking of mine, with the way to cancel one. */
export function BookingList() {
  const { items, status, error, more } = useBookings(useShallow((state) => ({ items: state.items, status: state.status, error: state.error, more: state.more })))
  const load = useBookings((state) => state.load)
  const loadMore = useBookings((state) => state.loadMore)
  const [asked, setAsked] = useState<BookingDetails | null>(null)

  useLive(none)
  useEffect(() => {
    void load()
  }, [load])

  if (items.length === 0) {
    if (error !== null) {
      return (
        <Notice icon={CloudOff} title="Your bookings could not be loaded" text={explain(error)}>
          <Button variant="primary" busy={status === 'loading'} onClick={() => void load()}>Try again</Button>
        </Notice>
      )
    }
    if (status !== 'ready') return <BookingSkeletons />
    return (
      <Notice icon={Ticket} title="You haven't booked any events yet" text="Tickets you book are kept here, with everything you need to know on the day.">
        <ButtonLink href="/events" variant="primary">Find an event</ButtonLink>
      </Notice>
    )
  }

  return (
    <>
      <ul className="mt-6 grid gap-3">
        {items.map((booking) => <BookingRow key={booking.id} booking={booking} onCancel={setAsked} />)}
      </ul>
      {status === 'failed' && <p role="alert" className="mt-4 text-center text-sm text-bad">{explain(error)}</p>}
      {more > 0 && (
        <div className="mt-6 text-center">
          <Button busy={status === 'loading'} onClick={() => void loadMore()}>Load more</Button>
        </div>
      )}
      {asked && <CancelDialog booking={asked} onClose={() => setAsked(null)} />}
    </>
  )
}
