'use client'

import { useEffect } from 'react'
import { EventSheet, UnknownEventSheet } from '@/components/events/event-sheet'
import { ThresholdAnnouncer } from '@/components/events/threshold-announcer'
import { useBookings } from '@/store/bookings'
import { useCatalog } from '@/store/catalog'
import { useLive } from '@/store/live'
import { EventsHeading } from './events-heading'
import { Results } from './results'
import { SearchField } from './search-field'
import { SortSelect } from './sort-select'
import { useEventsURL } from './use-events-url'

/** Finds events, keeps their counts true and opens one, as the address says. */
export function EventsBrowser() {
  const { query, event, hrefOf, find, turnTo, openSheet, closeSheet } = useEventsURL()
  const { page, search, sortBy, sortOrder } = query
  const ids = useCatalog((state) => state.list?.ids) ?? noEvents
  const booked = useBookings((state) => state.byEvent)

  useEffect(() => {
    void useCatalog.getState().show({ page, search, sortBy, sortOrder })
  }, [page, search, sortBy, sortOrder])
  useEffect(() => {
    void useBookings.getState().load()
  }, [])
  useLive(event ? [...ids, event] : ids)

  return (
    <>
      <EventsHeading>
        <SearchField search={search} onSearch={(next) => find({ search: next })} />
        <SortSelect sort={query} onSort={find} />
      </EventsHeading>
      <Results query={query} hrefOf={hrefOf} onOpen={openSheet} onTurn={turnTo} onClear={() => find({ search: '' })} />
      {ids.filter((id) => booked[id]).map((id) => <ThresholdAnnouncer key={id} id={id} />)}
      {event === 'unknown' && <UnknownEventSheet onClose={closeSheet} />}
      {event && event !== 'unknown' && <EventSheet key={event} id={event} onClose={closeSheet} />}
    </>
  )
}

const noEvents: readonly string[] = []
