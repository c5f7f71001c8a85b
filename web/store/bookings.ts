import { create } from 'zustand'
import { api } from '@/lib/api'
import type { components } from '@/lib/openapi.gen'
import { answer, Refused, Unreachable } from '@/lib/problem'
import { useCatalog } from './catalog'
import { onSignedOut } from './session'

export type BookingDetails = components['schemas']['BookingDetails']

/** Bookings on one page of the API, and how many pages are loaded without being asked for. */
const pageSize = 50
const pagesAtOnce = 4

export type BookingsState = {
  /** My bookings, newest first, the cancelled ones too. One that is being cancelled is shown as cancelled already. */
  items: BookingDetails[]
  /** My confirmed booking of each event, by the event's id. */
  byEvent: Readonly<Record<string, BookingDetails>>
  /** 'idle': nobody has asked yet. While they are loaded again, `items` stays as it was. */
  status: 'idle' | 'loading' | 'ready' | 'failed'
  /** Why the last load failed, also while the next one is under way; null when it did not. */
  error: unknown
  /** How many there are on the server beyond `items`. */
  more: number
  /** Loads them anew: at once the newest 200, and as many as were shown before. Never throws: see `error`. */
  load: () => Promise<void>
  /** Loads the next ones. Never throws: see `error`. */
  loadMore: () => Promise<void>
  /** Puts in what a booking's receipt tells, or replaces what is known of it. */
  add: (booking: BookingDetails) => void
  /**
   * Cancels one: shown as cancelled at once, and as it was again when it could not be done. Throws `Refused` or `Unreachable`.
   * A booking that turns out to be cancelled already is no error: it is what was asked for.
   */
  cancel: (id: string) => Promise<void>
}

const nothing = { items: [], byEvent: {}, status: 'idle', error: null, more: 0 } as const satisfies Partial<BookingsState>

export const useBookings = create<BookingsState>()((set, get) => {
  /** What the server has told; `items` is this with the cancellations under way laid over it. */
  let truth: BookingDetails[] = []
  let cancelling: ReadonlySet<string> = new Set()
  /** Grows when truth changes by anything but a load: a load that was under way then is out of date. */
  let changes = 0
  /** Grows with every sign-out: answers for the user before are dropped. */
  let user = 0
  let loading: Promise<void> | null = null

  function show(more: number = get().more) {
    const items = truth.map((booking) => (cancelling.has(booking.id) ? { ...booking, status: 'CANCELLED' as const } : booking))
    const byEvent = Object.fromEntries(items.filter((booking) => booking.status === 'CONFIRMED').map((booking) => [booking.event.id, booking]))
    set({ items, byEvent, more })
  }

  function know(booking: BookingDetails) {
    changes++
    const known = truth.some(({ id }) => id === booking.id)
    truth = known ? truth.map((old) => (old.id === booking.id ? booking : old)) : [booking, ...truth]
    show()
  }

  async function fetchPages(pages: number) {
    const whose = user
    set({ status: 'loading' })
    try {
      for (;;) {
        const before = changes
        const { bookings, total } = await read(pages)
        if (whose !== user) return
        if (before !== changes) continue
        truth = bookings
        show(Math.max(0, total - bookings.length))
        set({ status: 'ready', error: null })
        return
      }
    } catch (error) {
      if (whose === user) set({ status: 'failed', error })
    }
  }

  /** One load at a time; whoever asks meanwhile shares it. */
  function once(pages: number): Promise<void> {
    const mine = (loading ??= fetchPages(pages).finally(() => {
      if (loading === mine) loading = null
    }))
    return mine
  }

  onSignedOut(() => {
    user++
    truth = []
    cancelling = new Set()
    loading = null
    set(nothing)
  })

  return {
    ...nothing,
    load: () => once(Math.max(pagesAtOnce, Math.ceil(truth.length / pageSize))),
    loadMore: () => once(Math.floor(truth.length / pageSize) + pagesAtOnce),
    add: know,

    cancel: async (id) => {
      const whose = user
      cancelling = new Set([...cancelling, id])
      show()
      try {
        await requestCancel(id)
        const booking = truth.find((each) => each.id === id)
        if (whose === user && booking) know({ ...booking, status: 'CANCELLED', cancelledAt: new Date().toISOString() })
      } finally {
        if (whose === user) {
          cancelling = new Set([...cancelling].filter((each) => each !== id))
          show()
        }
      }
    },
  }
})

/** My confirmed booking of an event. */
export function useBooked(eventId: string): BookingDetails | undefined {
  return useBookings((state) => state.byEvent[eventId])
}

/** The newest bookings. One that moves to the next page meanwhile is there once. */
async function read(pages: number): Promise<{ bookings: BookingDetails[]; total: number }> {
  const found = new Map<string, BookingDetails>()
  let total = 0
  for (let page = 1; page <= pages; page++) {
    const { data, meta } = await answer(api.GET('/bookings', { params: { query: { page, limit: pageSize } } }))
    for (const booking of data) found.set(booking.id, booking)
    total = meta.total
    if (page >= meta.totalPages) break
  }
  return { bookings: [...found.values()], total }
}

/** Returns when it is cancelled, also where an answer was lost and only looking tells. */
async function requestCancel(id: string): Promise<void> {
  try {
    const { event } = await answer(api.DELETE('/bookings/{id}', { params: { path: { id } } }))
    useCatalog.getState().tell(event)
  } catch (error) {
    if (error instanceof Refused && error.problem.code === 'already_cancelled') return
    const unknown = error instanceof Unreachable || (error instanceof Refused && error.status >= 500)
    if (!unknown || !(await wasCancelled(id))) throw error
  }
}

async function wasCancelled(id: string): Promise<boolean> {
  try {
    const booking = await answer(api.GET('/bookings/{id}', { params: { path: { id } } }))
    return booking.status === 'CANCELLED'
  } catch {
    return false
  }
}
