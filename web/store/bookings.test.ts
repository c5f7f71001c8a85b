import { beforeEach, describe, expect, test, vi } from 'vitest'
import { Refused, Unreachable } from '@/lib/problem'
import type { BookingDetails } from './bookings'

// The server: pages of what it has, and answers that a test can hold back.
const server = vi.hoisted(() => ({
  bookings: [] as unknown[],
  asked: [] as string[],
  page: null as null | ((page: number) => Promise<unknown>),
  cancel: null as null | ((id: string) => Promise<unknown>),
  one: null as null | ((id: string) => Promise<unknown>),
  forget: [] as (() => void)[],
  told: [] as unknown[],
}))

vi.mock('@/lib/api', () => ({
  api: {
    GET: async (path: string, { params }: { params: { query?: { page: number }; path?: { id: string } } }) => {
      server.asked.push(`GET ${path}${params.query ? `?page=${params.query.page}` : ''}`)
      if (params.path) return given(await server.one?.(params.path.id))
      const page = params.query?.page ?? 1
      const held = server.page && (await server.page(page))
      return given(held ?? pageOf(page))
    },
    DELETE: async (path: string, { params }: { params: { path: { id: string } } }) => {
      server.asked.push(`DELETE ${path}`)
      return given(await server.cancel?.(params.path.id))
    },
  },
}))
vi.mock('./catalog', () => ({ useCatalog: { getState: () => ({ tell: (counts: unknown) => server.told.push(counts) }) } }))
vi.mock('./session', () => ({ onSignedOut: (forget: () => void) => void server.forget.push(forget) }))

const { useBookings } = await import('./bookings')
const store = () => useBookings.getState()

function given(data: unknown) {
  return { data, response: new Response(null, { status: 200 }) }
}

function pageOf(page: number) {
  const data = server.bookings.slice((page - 1) * 50, page * 50)
  return { data, meta: { total: server.bookings.length, page, limit: 50, totalPages: Math.ceil(server.bookings.length / 50) } }
}

function booking(n: number, changes: Partial<BookingDetails> = {}): BookingDetails {
  return {
    id: `b${n}`, status: 'CONFIRMED', quantity: 1, amount: 10, currency: 'USD', createdAt: '2031-01-01T00:00:00Z',
    event: { id: `e${n}`, title: `Event ${n}`, date: null, timeZone: null, venue: '' }, section: { id: 's', name: 'Floor', price: 10 }, ...changes,
  }
}

function refusal(code: 'event_started' | 'already_cancelled', status = 409) {
  return new Refused({ type: '', title: code, status, code, requestId: '' }, status)
}

const ignore = () => {}

/** An answer that comes when the test says so. */
class Held {
  resolve: (value: unknown) => void = ignore
  reject: (error: unknown) => void = ignore
  promise = new Promise<unknown>((resolve, reject) => {
    this.resolve = resolve
    this.reject = reject
  })
}

const receipt = { booking: {}, event: { id: 'e1', title: 'Event 1', remainingTickets: 8, version: 12 } }
const status = (id: string) => store().items.find((each) => each.id === id)?.status

beforeEach(() => {
  for (const forget of server.forget) forget()
  Object.assign(server, { bookings: [booking(1), booking(2)], asked: [], page: null, cancel: async () => receipt, one: null, told: [] })
})

describe('loading', () => {
  test('shows what the server has', async () => {
    await store().load()
    expect(store()).toMatchObject({ status: 'ready', more: 0, items: [{ id: 'b1' }, { id: 'b2' }] })
    expect(store().byEvent.e2?.id).toBe('b2')
  })

  test('two who ask at once share one load', async () => {
    await Promise.all([store().load(), store().load()])
    expect(server.asked).toEqual(['GET /bookings?page=1'])
  })

  test('the newest 200 come at once, the others when asked for', async () => {
    server.bookings = Array.from({ length: 230 }, (_, n) => booking(n))
    await store().load()
    expect(store()).toMatchObject({ items: { length: 200 }, more: 30 })
    await store().loadMore()
    expect(store()).toMatchObject({ items: { length: 230 }, more: 0 })
  })

  test('a failure keeps what was there', async () => {
    await store().load()
    server.page = () => Promise.reject(new Unreachable())
    await store().load()
    expect(store()).toMatchObject({ status: 'failed', items: { length: 2 } })
    expect(store().error).toBeInstanceOf(Unreachable)
  })

  test('a booking made meanwhile is not lost to an answer from before it', async () => {
    const old = new Held()
    server.page = () => old.promise
    const loading = store().load()
    store().add(booking(3))
    server.page = null
    server.bookings = [booking(3), booking(1), booking(2)]
    old.resolve({ data: [booking(1), booking(2)], meta: { total: 2, page: 1, limit: 50, totalPages: 1 } })
    await loading
    expect(store().items.map(({ id }) => id)).toEqual(['b3', 'b1', 'b2'])
  })

  test('an answer for the user before is dropped', async () => {
    const old = new Held()
    server.page = () => old.promise
    const loading = store().load()
    for (const forget of server.forget) forget()
    old.resolve(pageOf(1))
    await loading
    expect(store()).toMatchObject({ status: 'idle', items: [], byEvent: {} })
  })
})

describe('adding', () => {
  test('puts the newest first', async () => {
    await store().load()
    store().add(booking(3))
    expect(store().items[0]?.id).toBe('b3')
    expect(store().byEvent.e3?.id).toBe('b3')
  })

  test('the same booking twice is one', async () => {
    await store().load()
    store().add(booking(2, { quantity: 4 }))
    expect(store().items).toHaveLength(2)
    expect(store().byEvent.e2?.quantity).toBe(4)
  })
})

describe('cancelling', () => {
  beforeEach(() => store().load())

  test('shows it at once, and tells the counts of the receipt', async () => {
    const answer = new Held()
    server.cancel = () => answer.promise
    const cancelling = store().cancel('b1')
    expect(status('b1')).toBe('CANCELLED')
    expect(store().byEvent.e1).toBeUndefined()
    expect(server.told).toEqual([])
    answer.resolve(receipt)
    await cancelling
    expect(status('b1')).toBe('CANCELLED')
    expect(store().items[0]?.cancelledAt).toBeDefined()
    expect(server.told).toEqual([receipt.event])
  })

  test('leaves the other bookings the objects they were', async () => {
    const before = store().items[1]
    await store().cancel('b1')
    expect(store().items[1]).toBe(before)
  })

  test('is rolled back when it is refused', async () => {
    server.cancel = () => Promise.reject(refusal('event_started'))
    await expect(store().cancel('b1')).rejects.toThrow('event_started')
    expect(status('b1')).toBe('CONFIRMED')
    expect(store().byEvent.e1?.id).toBe('b1')
  })

  test('one rolled back does not roll back another that is under way', async () => {
    const [first, second] = [new Held(), new Held()]
    server.cancel = (id) => (id === 'b1' ? first.promise : second.promise)
    const [one, two] = [store().cancel('b1'), store().cancel('b2')]
    first.reject(refusal('event_started'))
    await expect(one).rejects.toThrow('event_started')
    expect([status('b1'), status('b2')]).toEqual(['CONFIRMED', 'CANCELLED'])
    second.resolve(receipt)
    await two
    expect([status('b1'), status('b2')]).toEqual(['CONFIRMED', 'CANCELLED'])
  })

  test('one that is cancelled already is what was asked for', async () => {
    server.cancel = () => Promise.reject(refusal('already_cancelled'))
    await store().cancel('b1')
    expect(status('b1')).toBe('CANCELLED')
  })

  test('whose answer was lost is looked up: done', async () => {
    server.cancel = () => Promise.reject(new Unreachable())
    server.one = async () => booking(1, { status: 'CANCELLED' })
    await store().cancel('b1')
    expect(status('b1')).toBe('CANCELLED')
  })

  test('whose answer was lost is looked up: not done', async () => {
    server.cancel = () => Promise.reject(new Unreachable())
    server.one = async () => booking(1)
    await expect(store().cancel('b1')).rejects.toBeInstanceOf(Unreachable)
    expect(status('b1')).toBe('CONFIRMED')
  })

  test('stays shown while a load from before it comes in', async () => {
    const answer = new Held()
    server.cancel = () => answer.promise
    const cancelling = store().cancel('b1')
    await store().load()
    expect(status('b1')).toBe('CANCELLED')
    answer.resolve(receipt)
    await cancelling
    expect(status('b1')).toBe('CANCELLED')
  })
})
