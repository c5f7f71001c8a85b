import { act, renderHook } from '@testing-library/react'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { components } from '@/lib/openapi.gen'
import type { CatalogQuery, Listing } from './catalog'

type Call = { path: string; query: Record<string, unknown>; id?: string; signal?: AbortSignal; answer: (status: number, body: unknown) => void }

// The server: every request waits for the test to answer it.
const server = vi.hoisted(() => ({ calls: [] as unknown[], forget: [] as (() => void)[] }))
const calls = server.calls as Call[]

vi.mock('@/lib/api', () => ({
  api: {
    GET: (path: string, { params, signal }: { params: { query?: Record<string, unknown>; path?: { id: string } }; signal?: AbortSignal }) =>
      new Promise((resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason))
        const answer = (status: number, body: unknown) => resolve({ [status < 300 ? 'data' : 'error']: body, response: new Response(null, { status }) })
        server.calls.push({ path, query: params.query ?? {}, id: params.path?.id, signal, answer })
      }),
  },
}))
vi.mock('./session', () => ({ onSignedOut: (forget: () => void) => void server.forget.push(forget) }))

const { useCatalog, useEventView } = await import('./catalog')
const catalog = () => useCatalog.getState()

const byDate: CatalogQuery = { page: 1, search: '', sortBy: 'date', sortOrder: 'asc' }

function listing(id: string, version = 1, remaining = 10): Listing {
  return {
    id, title: `Event ${id}`, description: '', date: null, timeZone: null, venue: '', totalTickets: 20, remainingTickets: remaining, price: 5,
    currency: 'USD', organizerId: 'o', version, sections: [{ id: `${id}-a`, name: 'Floor', price: 5, capacity: 20, remaining }],
  }
}

function page(...data: Listing[]): components['schemas']['EventPage'] {
  return { data, meta: { total: data.length, page: 1, limit: 12, totalPages: 1 } }
}

const refusal = (code: string, status: number) => ({ type: '', title: code, status, code, requestId: '' })

/** Shows a page with these events. */
async function showing(...data: Listing[]) {
  const shown = catalog().show(byDate)
  calls.at(-1)?.answer(200, page(...data))
  await shown
  calls.length = 0
}

const left = (id: string) => catalog().events[id]?.remainingTickets

beforeEach(() => {
  for (const forget of server.forget) forget()
  calls.length = 0
})

describe('the list', () => {
  test('the newest query wins when answers come out of order, and the older request is given up', async () => {
    const older = catalog().show({ ...byDate, search: 'j' })
    const newer = catalog().show({ ...byDate, search: 'jazz' })
    expect(calls[0]?.signal?.aborted).toBe(true)
    calls[1]?.answer(200, page(listing('jazz')))
    await newer
    calls[0]?.answer(200, page(listing('judo')))
    await older
    expect(catalog().list?.ids).toEqual(['jazz'])
    expect(catalog().status).toBe('ready')
  })

  test('what is shown stays while the next page loads', async () => {
    await showing(listing('a'))
    const next = catalog().show({ ...byDate, page: 2 })
    expect(catalog()).toMatchObject({ status: 'loading', list: { ids: ['a'] } })
    calls[0]?.answer(200, page(listing('b')))
    await next
    expect(catalog()).toMatchObject({ status: 'ready', list: { ids: ['b'], query: { page: 2 } } })
  })

  test('my events are not shown in place of all events while those load', async () => {
    await showing(listing('a'))
    void catalog().show({ ...byDate, organizer: 'me' })
    expect(catalog().list).toBeNull()
  })

  test('an empty search is not asked for', () => {
    void catalog().show(byDate)
    expect(calls[0]?.query).toEqual({ page: 1, sortBy: 'date', sortOrder: 'asc', limit: 12 })
  })

  test('a page that cannot be loaded says why and leaves what is shown', async () => {
    await showing(listing('a'))
    const next = catalog().show({ ...byDate, page: 2 })
    calls[0]?.answer(503, refusal('overloaded', 503))
    await next
    expect(catalog()).toMatchObject({ status: 'failed', error: { status: 503 }, list: { ids: ['a'] } })
  })

  test('whoever signs out leaves nothing behind, not even a late answer', async () => {
    await showing(listing('a'))
    const late = catalog().show({ ...byDate, page: 2 })
    const opening = catalog().open('b')
    for (const forget of server.forget) forget()
    calls[0]?.answer(200, page(listing('c')))
    calls[1]?.answer(200, listing('b'))
    await Promise.all([late, opening])
    expect(catalog()).toMatchObject({ list: null, events: {}, opened: {} })
  })
})

describe('counts', () => {
  test('a tick renders only its own card again', async () => {
    await showing(listing('a'), listing('b'))
    const renders = { a: 0, b: 0 }
    const card = (id: 'a' | 'b') => renderHook(() => (renders[id]++, useEventView(id)))
    const a = card('a')
    const b = card('b')
    act(() => catalog().tell({ id: 'a', version: 2, remainingTickets: 9 }))
    expect(a.result.current?.remainingTickets).toBe(9)
    expect(a.result.current?.sections[0]?.remaining).toBe(9)
    expect(b.result.current?.remainingTickets).toBe(10)
    expect(renders).toEqual({ a: 2, b: 1 })
  })

  test('that are not newer call nobody', async () => {
    await showing(listing('a', 5))
    const called = vi.fn()
    const unsubscribe = useCatalog.subscribe(called)
    catalog().tell({ id: 'a', version: 5, remainingTickets: 3 }, { id: 'a', version: 4, remainingTickets: 2 })
    unsubscribe()
    expect(called).not.toHaveBeenCalled()
  })

  test('never move the cards', async () => {
    await showing(listing('a'), listing('b'))
    const list = catalog().list
    catalog().tell({ id: 'b', version: 2, remainingTickets: 0 })
    expect(catalog().list).toBe(list)
  })

  test('that came before the event was listed are kept when they are newer', async () => {
    catalog().tell({ id: 'a', version: 7, remainingTickets: 1, sections: [{ id: 'a-a', remaining: 1 }] })
    await showing(listing('a', 6, 4))
    expect(left('a')).toBe(1)
  })

  test('a list that was read before does not bring back an older number', async () => {
    await showing(listing('a'))
    catalog().tell({ id: 'a', version: 3, remainingTickets: 2 })
    await showing(listing('a', 2, 9))
    expect(left('a')).toBe(2)
  })
})

describe('a booking', () => {
  test('is shown at once, and undone when it fails', async () => {
    await showing(listing('a'))
    catalog().begin('a', 'k', 'a-a', 2)
    expect(left('a')).toBe(8)
    catalog().settle('a', 'k')
    expect(left('a')).toBe(10)
  })

  test('is counted once, whatever comes first', async () => {
    await showing(listing('a'))
    catalog().begin('a', 'k', 'a-a', 1)
    catalog().tell({ id: 'a', version: 2, remainingTickets: 9 })
    catalog().settle('a', 'k', { receipt: { id: 'a', version: 3, remainingTickets: 9 } })
    expect(left('a')).toBe(9)
    catalog().tell({ id: 'a', version: 3, remainingTickets: 9 })
    expect(left('a')).toBe(9)
  })

  test('that is refused for want of seats shows that there are none', async () => {
    await showing(listing('a'))
    catalog().begin('a', 'k', 'a-a', 1)
    catalog().settle('a', 'k', { refusal: { version: 9, sectionId: 'a-a', remaining: 0 } })
    catalog().tell({ id: 'a', version: 8, remainingTickets: 1 })
    expect(left('a')).toBe(0)
  })
})

describe('closed sales', () => {
  test('are told by a frame, and an older list does not open them again', async () => {
    await showing(listing('a'))
    expect(catalog().events.a).not.toHaveProperty('closed')
    catalog().tell({ id: 'a', version: 3, remainingTickets: 2, closed: true })
    expect(catalog().events.a).toMatchObject({ closed: true, remainingTickets: 2 })
    await showing(listing('a', 2, 9))
    expect(catalog().events.a).toMatchObject({ closed: true, remainingTickets: 2 })
  })

  test('render the card again though no number moves', async () => {
    await showing(listing('a', 3, 2))
    const before = catalog().events.a
    catalog().tell({ id: 'a', version: 3, remainingTickets: 2, closed: true })
    expect(catalog().events.a).not.toBe(before)
    expect(catalog().events.a?.closed).toBe(true)
  })

  test('are told by the list, also of an event that is known', async () => {
    await showing(listing('a'))
    await showing({ ...listing('a', 2, 9), closed: true })
    expect(catalog().events.a).toMatchObject({ closed: true, remainingTickets: 9 })
  })

  test('take back the seats of a booking that they refuse', async () => {
    await showing(listing('a'))
    catalog().begin('a', 'k', 'a-a', 2)
    catalog().settle('a', 'k', 'closed')
    expect(catalog().events.a).toMatchObject({ closed: true, remainingTickets: 10 })
  })
})

describe('one event', () => {
  test('is opened by its id', async () => {
    const opening = catalog().open('a')
    expect(catalog().opened.a).toEqual({ status: 'loading' })
    calls[0]?.answer(200, listing('a'))
    await opening
    expect(catalog().opened.a).toEqual({ status: 'ready' })
    expect(left('a')).toBe(10)
  })

  test('that nobody has is missing; one that cannot be read has failed', async () => {
    const missing = catalog().open('a')
    const failing = catalog().open('b')
    calls[0]?.answer(404, refusal('event_not_found', 404))
    calls[1]?.answer(503, refusal('unavailable', 503))
    await Promise.all([missing, failing])
    expect(catalog().opened).toMatchObject({ a: { status: 'missing' }, b: { status: 'failed', error: { status: 503 } } })
  })
})

describe('reading again', () => {
  test('moves numbers and not cards, and reads alone what is watched beside the list', async () => {
    await showing(listing('a'), listing('b'))
    const reading = catalog().refresh(['a', 'b', 'c'])
    calls[0]?.answer(200, page(listing('new'), listing('a', 2, 3)))
    await vi.waitFor(() => expect(calls).toHaveLength(2))
    calls[1]?.answer(200, listing('b', 2, 4))
    await vi.waitFor(() => expect(calls).toHaveLength(3))
    calls[2]?.answer(200, listing('c', 2, 5))
    await reading
    expect(calls.map(({ id }) => id)).toEqual([undefined, 'b', 'c'])
    expect([left('a'), left('b'), left('c')]).toEqual([3, 4, 5])
    expect(catalog().list?.ids).toEqual(['a', 'b'])
  })

  test('shows what could not be found before', async () => {
    const failing = catalog().show(byDate)
    calls[0]?.answer(503, refusal('unavailable', 503))
    await failing
    const reading = catalog().refresh([])
    expect(catalog().status).toBe('failed')
    calls[1]?.answer(200, page(listing('a')))
    await reading
    expect(catalog()).toMatchObject({ status: 'ready', error: null, list: { ids: ['a'], query: byDate } })
  })

  test('says when the server does not answer', async () => {
    await showing(listing('a'))
    const reading = catalog().refresh(['a'])
    calls[0]?.answer(502, '<html>')
    await expect(reading).rejects.toMatchObject({ name: 'Unreachable' })
  })

  test('does not ask for what is missing', async () => {
    const missing = catalog().open('a')
    calls[0]?.answer(404, refusal('event_not_found', 404))
    await missing
    await catalog().refresh(['a'])
    expect(calls).toHaveLength(1)
  })
})
