'use client'

import { CalendarX2, CloudOff, SearchX } from 'lucide-react'
import { useDeferredValue } from 'react'
import { EventCard, EventCardSkeleton } from '@/components/events/event-card'
import { NoSuchPage } from '@/components/events/no-such-page'
import { Button, ButtonLink } from '@/components/ui/button'
import { Notice } from '@/components/ui/notice'
import { Pager } from '@/components/ui/pager'
import { cn } from '@/lib/cn'
import { formatNumber } from '@/lib/format'
import { explain } from '@/lib/problem'
import { useCatalog, type CatalogList, type CatalogQuery } from '@/store/catalog'
import { eventsHref } from './events-query'

const grid = 'grid gap-4 sm:grid-cols-2 sm:gap-5 lg:grid-cols-3'

type Props = {
  query: CatalogQuery
  hrefOf: (id: string) => string
  onOpen: (href: string) => void
  onTurn: (href: string) => void
  onClear: () => void
}

/** What was found: cards, or why there are none and what one can do about it. */
export function Results({ query, hrefOf, onOpen, onTurn, onClear }: Props) {
  // Cards are drawn a little at a time, so that a slow phone answers to the finger meanwhile.
  const list = useDeferredValue(useCatalog((state) => state.list))
  const status = useCatalog((state) => state.status)
  const error = useCatalog((state) => state.error)
  const show = useCatalog((state) => state.show)

  if (status === 'failed' && !(list && answers(list, query))) {
    return (
      <Notice icon={CloudOff} title="Events could not be loaded" text={explain(error)}>
        <Button variant="primary" onClick={() => void show(query)}>Try again</Button>
      </Notice>
    )
  }
  if (!list) return <ResultsSkeleton />
  const pageHref = (page: number) => eventsHref({ ...query, page })
  return (
    <>
      <output className="sr-only">{status === 'loading' ? '' : found(list)}</output>
      <div aria-busy={status === 'loading'} className={cn('transition-opacity duration-150', status === 'loading' && 'opacity-60 delay-150')}>
        {list.ids.length === 0 ? (
          <Nothing list={list} onClear={onClear} onTurn={onTurn} />
        ) : (
          <>
            <ul className={grid}>
              {list.ids.map((id) => (
                <li key={id} className="grid min-w-0 grid-cols-1"><EventCard id={id} href={hrefOf(id)} onOpen={onOpen} /></li>
              ))}
            </ul>
            <Pager label="Pages" page={list.query.page} totalPages={list.meta.totalPages} hrefOf={pageHref} onTurn={(page) => onTurn(pageHref(page))} />
          </>
        )}
      </div>
    </>
  )
}

/** Cards to come. */
export function ResultsSkeleton() {
  return (
    <>
      <output className="sr-only">Loading events</output>
      <div className={grid}>
        {['a', 'b', 'c', 'd', 'e', 'f'].map((key) => <EventCardSkeleton key={key} />)}
      </div>
    </>
  )
}

function Nothing({ list, onClear, onTurn }: { list: CatalogList; onClear: () => void; onTurn: (href: string) => void }) {
  const { search, page } = list.query
  if (list.meta.total > 0) {
    return <NoSuchPage page={page} onFirst={() => onTurn(eventsHref({ ...list.query, page: 1 }))} />
  }
  if (search) {
    return (
      <Notice icon={SearchX} title="No events found" text={<>No title has “<bdi className="wrap-anywhere">{search}</bdi>” in it. Try fewer letters.</>}>
        <Button variant="primary" onClick={onClear}>Clear search</Button>
      </Notice>
    )
  }
  return (
    <Notice icon={CalendarX2} title="No events found" text="Nothing is on sale at the moment.">
      <ButtonLink href="/organizer/new" variant="primary">Put an event on sale</ButtonLink>
    </Notice>
  )
}

function answers({ query: { page, search, sortBy, sortOrder } }: CatalogList, query: CatalogQuery): boolean {
  return page === query.page && search === query.search && sortBy === query.sortBy && sortOrder === query.sortOrder
}

/** What a screen reader is told of a search: how many there are, and where one is among them. */
export function found({ query: { search, page }, meta: { total, totalPages } }: CatalogList): string {
  const events = total === 1 ? '1 event' : `${formatNumber(total)} events`
  const place = totalPages > 1 ? `, page ${formatNumber(page)} of ${formatNumber(totalPages)}` : ''
  return `${events} found${search && ` for “${search}”`}${place}`
}
