import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Unreachable } from '@/lib/problem'
import type { Listing } from './catalog'

const id = '01900000-0000-7000-8000-000000000001'
const sections = [{ id: 'a', name: 'Floor', price: 5, capacity: 20, remaining: 10 }]
const listing: Listing = {
  id, title: 'Gig', description: '', date: null, timeZone: null, venue: '', totalTickets: 20, remainingTickets: 10, price: 5,
  currency: 'USD', organizerId: 'o', version: 1, sections,
}

// The server: reads answer at once, or not at all.
const server = vi.hoisted(() => ({ up: true, reads: [] as string[], version: 1, forget: [] as (() => void)[] }))

vi.mock('@/lib/api', () => ({
  liveURL: () => 'ws://onsale.test/live',
  api: {
    GET: async (path: string) => {
      server.reads.push(path)
      if (!server.up) throw new Unreachable()
      const event = { ...listing, version: server.version, remainingTickets: 10 - server.version, sections: [{ ...sections[0], remaining: 10 - server.version }] }
      const listed = path === '/events' || path === '/bookings'
      const data = listed ? { data: path === '/events' ? [event] : [], meta: { total: 1, page: 1, limit: 12, totalPages: 1 } } : event
      return { data, response: new Response(null, { status: 200 }) }
    },
  },
}))
vi.mock('./session', () => ({ accessToken: async () => 'token', onSignedOut: (forget: () => void) => void server.forget.push(forget) }))

/** A connection that opens only when the test has it so. */
class Socket extends EventTarget {
  static last: Socket | null = null
  open = false

  constructor() {
    super()
    Socket.last = this
  }

  /** Says yes to whatever it is sent, once it is open. */
  send() {
    if (this.open) this.tell({ type: 'ready' })
  }

  close() {
    this.open = false
  }

  tell(frame: object) {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(frame) }))
  }

  welcome() {
    this.open = true
    this.dispatchEvent(new Event('open'))
    this.tell({ type: 'snapshot', events: [] })
  }
}

const { watch } = await import('./live')
const { useBookings } = await import('./bookings')
const { useCatalog } = await import('./catalog')
const { useConnection } = await import('./connection')
const left = () => useCatalog.getState().events[id]?.remainingTickets
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

function see(state: 'visible' | 'hidden') {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(state)
  document.dispatchEvent(new Event('visibilitychange'))
}

let unwatch = () => {}

beforeEach(async () => {
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', Socket)
  for (const forget of server.forget) forget()
  Object.assign(server, { up: true, version: 1 })
  Socket.last = null
  useConnection.setState({ live: 'off', online: true, reachable: true })
  await useCatalog.getState().show({ page: 1, search: '', sortBy: 'date', sortOrder: 'asc' })
  server.reads.length = 0
  unwatch = watch([id])
  await pass(0)
})

afterEach(async () => {
  unwatch()
  await pass(5_000)
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('counts', () => {
  test('are told while the connection is live, and then nothing is read', async () => {
    Socket.last?.welcome()
    Socket.last?.tell({ type: 'counts', events: [{ id, version: 5, remainingTickets: 4, sections: [{ id: 'a', remaining: 4 }] }] })
    await pass(20_000)
    expect(left()).toBe(4)
    expect(useConnection.getState().live).toBe('live')
    expect(server.reads).toEqual([])
  })

  test('are read every five seconds while it is not', async () => {
    server.version = 3
    await pass(5_000)
    expect(left()).toBe(7)
    server.version = 4
    await pass(5_000)
    expect(left()).toBe(6)
    expect(server.reads).toEqual(['/events', '/events'])
  })

  test('are not read for a page that nobody sees, or without a network, or when nobody watches', async () => {
    see('hidden')
    await pass(10_000)
    see('visible')
    useConnection.setState({ online: false })
    await pass(10_000)
    useConnection.setState({ online: true })
    unwatch()
    await pass(10_000)
    expect(server.reads).toEqual([])
  })
})

describe('a server that does not answer', () => {
  test('is said to be out of reach until it answers again', async () => {
    server.up = false
    await pass(5_000)
    expect(useConnection.getState().reachable).toBe(false)
    server.up = true
    await pass(5_000)
    expect(useConnection.getState().reachable).toBe(true)
  })

  test('is said to be there as soon as counts are told', async () => {
    server.up = false
    await pass(5_000)
    Socket.last?.welcome()
    expect(useConnection.getState()).toMatchObject({ live: 'live', reachable: true })
  })

  test('gives bookings when it is back, also where nothing is watched', async () => {
    server.up = false
    await useBookings.getState().load()
    unwatch()
    unwatch = watch([])
    await pass(5_000)
    expect(useBookings.getState().status).toBe('failed')
    expect(useConnection.getState().reachable).toBe(false)
    server.up = true
    await pass(5_000)
    expect(useBookings.getState()).toMatchObject({ status: 'ready', error: null })
    expect(useConnection.getState().reachable).toBe(true)
    server.reads.length = 0
    await pass(10_000)
    expect(server.reads).toEqual([])
  })

  test('shows what was asked for when it is back, also where nothing is watched', async () => {
    server.up = false
    await useCatalog.getState().show({ page: 2, search: '', sortBy: 'date', sortOrder: 'asc' })
    expect(useCatalog.getState().status).toBe('failed')
    unwatch()
    unwatch = watch([])
    server.up = true
    await pass(5_000)
    expect(useCatalog.getState()).toMatchObject({ status: 'ready', list: { query: { page: 2 } } })
  })
})

test('a page that is hidden for long hangs up, and comes back when it is seen', async () => {
  Socket.last?.welcome()
  see('hidden')
  await pass(59_000)
  expect(useConnection.getState().live).toBe('live')
  await pass(1_000)
  expect(useConnection.getState().live).toBe('off')
  see('visible')
  await pass(0)
  Socket.last?.welcome()
  expect(useConnection.getState().live).toBe('live')
})

test('whoever signs out is not told any more', async () => {
  Socket.last?.welcome()
  for (const forget of server.forget) forget()
  expect(useConnection.getState().live).toBe('off')
})
