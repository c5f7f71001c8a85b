'use client'

import { useSearchParams } from 'next/navigation'
import type { CatalogQuery } from '@/store/catalog'
import { eventsHref, readEvent, readQuery } from './events-query'

/** Marks an entry of the browser's history that a click here made, so that closing the sheet can go back over it. */
const opened = { onsaleSheet: true }

/**
 * The address as state: what is looked for, and whose sheet is open. It is changed by the history alone, for no other file
 * belongs to another address of this page.
 */
export function useEventsURL() {
  const params = useSearchParams()
  const query = readQuery(params)
  return {
    query,
    /** See readEvent. */
    event: readEvent(params),
    hrefOf: (id: string) => eventsHref(query, id),
    /** Looks for something else, from the first page on. Leaves no trace in the history. */
    find: (change: Partial<Omit<CatalogQuery, 'page'>>) => {
      const now = readQuery(new URLSearchParams(location.search)) // what is typed may be asked for later than it was rendered
      history.replaceState(null, '', eventsHref({ ...now, ...change, page: 1 }))
    },
    /** Opens another page of the list. */
    turnTo: (href: string) => {
      history.pushState(null, '', href)
      scrollTo({ top: 0 })
    },
    openSheet: (href: string) => history.pushState(opened, '', href),
    closeSheet: () => (isOpened(history.state) ? history.back() : history.replaceState(null, '', eventsHref(query))),
  }
}

function isOpened(state: unknown): boolean {
  return typeof state === 'object' && state !== null && 'onsaleSheet' in state
}
