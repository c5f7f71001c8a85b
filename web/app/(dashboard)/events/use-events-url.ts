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
    /** Does nothing where the address names that event already. */
    openSheet: (href: string) => {
      if (eventOf(href) !== eventOf(location.href)) history.pushState(opened, '', href)
    },
    closeSheet: () => (isOpened(history.state) ? goBack() : history.replaceState(null, '', eventsHref(query))),
  }
}

function eventOf(href: string): string | null {
  return readEvent(new URL(href, location.href).searchParams)
}

let goingBack = false

/** Goes back by one, also when it is asked for again before that has happened. */
function goBack(): void {
  if (goingBack) return
  goingBack = true
  addEventListener('popstate', () => { goingBack = false }, { once: true })
  history.back()
}

function isOpened(state: unknown): boolean {
  return typeof state === 'object' && state !== null && 'onsaleSheet' in state
}
