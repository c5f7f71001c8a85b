import { isEventId } from '@/lib/live-frames'
import { pageOf } from '@/lib/page'
import type { CatalogQuery } from '@/store/catalog'

/** The ways to sort, in the order of the menu; the first is the default and is left out of addresses. */
export const sorts = [
  { sortBy: 'date', sortOrder: 'asc', label: 'Date: soonest first' },
  { sortBy: 'date', sortOrder: 'desc', label: 'Date: latest first' },
  { sortBy: 'price', sortOrder: 'asc', label: 'Price: low to high' },
  { sortBy: 'price', sortOrder: 'desc', label: 'Price: high to low' },
  { sortBy: 'title', sortOrder: 'asc', label: 'Title: A to Z' },
  { sortBy: 'title', sortOrder: 'desc', label: 'Title: Z to A' },
] as const

const [byDefault] = sorts

/** The longest search that the API takes, in characters. */
export const longestSearch = 100

/** What an address asks for. Whatever makes no sense in it is taken for the default, never sent on to be refused. */
export function readQuery(params: Pick<URLSearchParams, 'get'>): CatalogQuery {
  const by = params.get('sortBy') ?? byDefault.sortBy
  const order = params.get('sortOrder') ?? byDefault.sortOrder
  const { sortBy, sortOrder } = sorts.find((sort) => sort.sortBy === by && sort.sortOrder === order) ?? byDefault
  return { page: pageOf(params.get('page')), search: tidySearch(params.get('search') ?? ''), sortBy, sortOrder }
}

/** The event whose sheet an address opens: null where it opens none, 'unknown' where what it names can be no event's id. */
export function readEvent(params: Pick<URLSearchParams, 'get'>): string | null {
  const id = params.get('event')?.toLowerCase()
  if (!id) return null
  return isEventId(id) ? id : 'unknown'
}

/** A search as it is asked for: without control characters, which no title has, or space around it; not longer than the API takes. */
export function tidySearch(text: string): string {
  return Array.from(text.replaceAll(/\p{Cc}+/gu, ' ').trim()).slice(0, longestSearch).join('').trim()
}

/** The address of a list, with an event's sheet over it where one is named; what is as by default is left out. */
export function eventsHref({ page, search, sortBy, sortOrder }: CatalogQuery, event?: string): string {
  const params = new URLSearchParams()
  if (search) params.set('search', search)
  if (sortBy !== byDefault.sortBy || sortOrder !== byDefault.sortOrder) {
    params.set('sortBy', sortBy)
    params.set('sortOrder', sortOrder)
  }
  if (page > 1) params.set('page', String(page))
  if (event) params.set('event', event)
  const text = params.toString()
  return text ? `/events?${text}` : '/events'
}
