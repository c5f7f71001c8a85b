import { create } from 'zustand'
import { api } from '@/lib/api'
import type { components } from '@/lib/openapi.gen'
import { answer, Refused } from '@/lib/problem'
import { claim, close, hear, hearRefusal, keep, nothingKnown, shown, undo, type Counts, type Refusal, type Seats } from '@/lib/seats'
import { onSignedOut } from './session'

/** An event, with the counts to show. It stays the same object while nothing of it changes. */
export type Listing = components['schemas']['EventListing']

export type CatalogQuery = {
  /** From 1. */
  page: number
  /** Part of a title; '' finds all. */
  search: string
  sortBy: 'date' | 'price' | 'title'
  sortOrder: 'asc' | 'desc'
  /** Only what I put on sale. */
  organizer?: 'me'
}

export type CatalogList = {
  query: CatalogQuery
  /** In the order of the answer, which counts do not change. */
  ids: readonly string[]
  meta: components['schemas']['PageMeta']
}

/** What became of asking for one event. */
export type Opened = { status: 'loading' | 'ready' | 'missing' } | { status: 'failed'; error: unknown }

/** Events on a page: full rows of one, two and three. */
export const eventsOnPage = 12

export type Settled = { receipt: Counts } | { refusal: Refusal } | 'closed'

export type CatalogState = {
  /** The page of events that is shown: the last that was found, also while the next one loads. */
  list: CatalogList | null
  /** Of the newest `show`. */
  status: 'loading' | 'ready' | 'failed'
  error: unknown
  /** Every event that is known, by its id. Read one with `useEventView`. */
  events: Readonly<Record<string, Listing>>
  /** What became of `open`, by the event's id. */
  opened: Readonly<Record<string, Opened>>
  /** Finds a page of events. The newest call wins, whatever order the answers come in. Never throws: see `status`. */
  show: (query: CatalogQuery) => Promise<void>
  /** Loads one event, for deep links. Never throws: see `opened`. */
  open: (id: string) => Promise<void>
  /**
   * Reads again what is shown and the given events, for when nothing tells their counts. Numbers change, cards do not move;
   * what could not be shown before is shown. Throws what the reading threw.
   */
  refresh: (ids: Iterable<string>, signal?: AbortSignal) => Promise<void>
  /** Takes in counts from anywhere, older ones too. */
  tell: (...counts: Counts[]) => void
  /** Shows a booking as if it had succeeded, until `settle` with the same key. */
  begin: (id: string, key: string, sectionId: string, quantity: number) => void
  /** Says what the booking came to: the receipt's counts, what a refusal told, or nothing. */
  settle: (id: string, key: string, outcome?: Settled) => void
}

const nothing = { list: null, status: 'loading', error: null, events: {}, opened: {} } as const satisfies Partial<CatalogState>

export const useCatalog = create<CatalogState>()((set, get) => {
  const seats = new Map<string, Seats>()
  let asked: CatalogQuery | null = null
  let finding = new AbortController()
  /** Ends with the session: answers for the user before are dropped. */
  let session = new AbortController()

  /** Takes in events as the API lists them. Counts that came before by another way may be newer. */
  function learn(rows: readonly Listing[]) {
    const events = { ...get().events }
    for (const row of rows) {
      const known = hear(seats.get(row.id) ?? nothingKnown, row)
      seats.set(row.id, known)
      events[row.id] = withCounts(events[row.id] ?? row, known)
    }
    set({ events })
  }

  /** Takes in counts of events, listed already or not. */
  function count(changes: Iterable<[id: string, change: (known: Seats) => Seats]>) {
    const before = get().events
    const events = { ...before }
    let changed = false
    for (const [id, change] of changes) {
      const known = change(seats.get(id) ?? nothingKnown)
      seats.set(id, known)
      const listing = events[id]
      if (!listing) continue
      events[id] = withCounts(listing, known)
      changed ||= events[id] !== listing
    }
    if (changed) set({ events })
  }

  function setOpened(id: string, opened: Opened) {
    set({ opened: { ...get().opened, [id]: opened } })
  }

  onSignedOut(() => {
    finding.abort()
    session.abort()
    session = new AbortController()
    seats.clear()
    asked = null
    set(nothing)
  })

  return {
    ...nothing,

    show: async (query) => {
      finding.abort()
      const mine = (finding = new AbortController())
      const { list } = get()
      asked = query
      set({ status: 'loading', error: null, list: list?.query.organizer === query.organizer ? list : null })
      try {
        const { data, meta } = await find(query, mine.signal)
        if (mine.signal.aborted) return
        learn(data)
        set({ list: { query, ids: data.map(({ id }) => id), meta }, status: 'ready' })
      } catch (error) {
        if (!mine.signal.aborted) set({ status: 'failed', error })
      }
    },

    open: async (id) => {
      const { signal } = session
      if (get().opened[id]?.status !== 'ready') setOpened(id, { status: 'loading' })
      try {
        const listing = await read(id, signal)
        if (signal.aborted) return
        learn([listing])
        setOpened(id, { status: 'ready' })
      } catch (error) {
        if (signal.aborted || get().opened[id]?.status === 'ready') return
        setOpened(id, isMissing(error) ? { status: 'missing' } : { status: 'failed', error })
      }
    },

    refresh: async (ids, signal) => {
      const { list, status, opened } = get()
      const query = status === 'failed' ? asked : list?.query
      const left = new Set([...ids].filter((id) => opened[id]?.status !== 'missing'))
      if (query) {
        const { data, meta } = await find(query, signal)
        if (signal?.aborted) return
        learn(data)
        for (const { id } of data) left.delete(id)
        if (get().status === 'failed' && asked === query) set({ list: { query, ids: data.map(({ id }) => id), meta }, status: 'ready', error: null })
      }
      for (const id of left) {
        const listing = await read(id, signal)
        if (signal?.aborted) return
        learn([listing])
        if (get().opened[id]) setOpened(id, { status: 'ready' })
      }
    },

    tell: (...counts) => count(counts.map((each) => [each.id, (known) => hear(known, each)])),

    begin: (id, key, sectionId, quantity) => count([[id, (known) => claim(known, key, sectionId, quantity)]]),

    settle: (id, key, outcome) =>
      count([[id, (known) => {
        if (typeof outcome === 'object' && 'receipt' in outcome) return keep(hear(known, outcome.receipt), key, outcome.receipt.version)
        const undone = undo(known, key)
        if (outcome === 'closed') return close(undone)
        return outcome ? hearRefusal(undone, outcome.refusal) : undone
      }]]),
  }
})

/** One event with the counts to show. Only a change of this event renders its reader again. */
export function useEventView(id: string): Listing | undefined {
  return useCatalog((state) => state.events[id])
}

function find({ search, ...query }: CatalogQuery, signal?: AbortSignal) {
  return answer(api.GET('/events', { params: { query: { ...query, limit: eventsOnPage, ...(search && { search }) } }, signal }))
}

function read(id: string, signal?: AbortSignal): Promise<Listing> {
  return answer(api.GET('/events/{id}', { params: { path: { id } }, signal }))
}

/** An id that is none is as good as one that nobody has. */
function isMissing(error: unknown): boolean {
  return error instanceof Refused && (error.problem.code === 'event_not_found' || error.problem.code === 'invalid_id')
}

/** The listing with what is known of its sale; the same object when that is what it says. Its words never change. */
function withCounts(listing: Listing, known: Seats): Listing {
  const { version, remainingTickets, sections, closed } = shown(known)
  const remaining = new Map(sections.map((each) => [each.id, each.remaining]))
  const same = listing.version === version && listing.remainingTickets === remainingTickets && (listing.closed ?? false) === closed
  if (same && listing.sections.every((each) => each.remaining === remaining.get(each.id))) return listing
  return {
    ...listing,
    version,
    remainingTickets,
    sections: listing.sections.map((each) => ({ ...each, remaining: remaining.get(each.id) ?? each.remaining })),
    ...(closed && { closed }),
  }
}
