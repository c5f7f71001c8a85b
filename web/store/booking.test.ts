import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { SignedOut, Unreachable } from '@/lib/problem'
import type { Listing } from './catalog'

type Sent = { body: { eventId: string; sectionId?: string; qty: number }; key: string; answer: (status: number, body: unknown, headers?: Record<string, string>) => void; fail: (error?: Error) => void }

// The server: every booking waits for the test to answer it.
const server = vi.hoisted(() => ({ sent: [] as unknown[], forget: [] as (() => void)[], added: [] as unknown[], loads: 0, looked: [] as string[], status: 'CONFIRMED', byEvent: {} as Record<string, unknown> }))
const sent = server.sent as Sent[]

vi.mock('@/lib/api', () => ({
  api: {
    POST: (_: string, { body, params }: { body: unknown; params: { header: Record<string, string> } }) =>
      new Promise((resolve, reject) => {
        const answer = (status: number, answered: unknown, headers?: Record<string, string>) =>
          resolve({ [status < 300 ? 'data' : 'error']: answered, response: new Response(null, { status, headers }) })
        server.sent.push({ body, key: params.header['Idempotency-Key'], answer, fail: (error: Error = new Unreachable()) => reject(error) })
      }),
    GET: async (_: string, { params }: { params: { path: { id: string } } }) => {
      server.looked.push(params.path.id)
      return { data: { status: server.status }, response: new Response(null, { status: 200 }) }
    },
  },
}))
vi.mock('./session', () => ({ onSignedOut: (forget: () => void) => void server.forget.push(forget) }))
vi.mock('./bookings', () => ({
  useBookings: { getState: () => ({ byEvent: server.byEvent, add: (booking: unknown) => server.added.push(booking), load: async () => void server.loads++ }) },
}))

const { useBooking } = await import('./booking')
const { useCatalog } = await import('./catalog')
const book = (event: Listing, seating?: { sectionId?: string; qty?: number }) => useBooking.getState().book(event, seating)

const event: Listing = {
  id: 'e', title: 'Gig', description: '', date: null, timeZone: 'Europe/Berlin', venue: 'Hall', totalTickets: 20, remainingTickets: 10, price: 5,
  currency: 'USD', organizerId: 'o', version: 1, sections: [{ id: 'floor', name: 'Floor', price: 5, capacity: 20, remaining: 10 }],
}
const seated: Listing = { ...event, id: 's', remainingTickets: 12, sections: [...event.sections, { id: 'vip', name: 'VIP', price: 50, capacity: 2, remaining: 2 }] }

const refusal = (code: string, status: number, details = {}) => ({ type: '', title: code, status, code, requestId: '', ...details })
const receipt = (of: Listing, sectionId: string, remainingTickets: number, version: number) => ({
  booking: { id: 'b', eventId: of.id, sectionId, userId: 'u', status: 'CONFIRMED', quantity: 1, amount: 5, currency: 'USD', createdAt: '2031-01-01T00:00:00Z' },
  event: { id: of.id, title: of.title, remainingTickets, version },
})
const left = (id: string) => useCatalog.getState().events[id]?.remainingTickets

/** The answer to the booking of this number, in words of the API's. */
async function refused(of: Listing, body: ReturnType<typeof refusal>, seating?: { sectionId?: string; qty?: number }, headers?: Record<string, string>) {
  const outcome = book(of, seating)
  sent.at(-1)?.answer(body.status, body, headers)
  return outcome
}

/** Books without ever hearing of it, by fake timers. */
async function loseAllAnswers() {
  const outcome = book(event)
  for (let n = 0; n < 4; n++) {
    sent.at(-1)?.fail()
    await vi.advanceTimersByTimeAsync(1_999)
  }
  await outcome
}

beforeEach(() => {
  for (const forget of server.forget) forget()
  Object.assign(server, { loads: 0, looked: [], status: 'CONFIRMED', byEvent: {} })
  sent.length = server.added.length = 0
  useCatalog.setState({ events: { e: event, s: seated } })
  useCatalog.getState().tell(event, seated)
})

describe('a booking', () => {
  test('takes its seats off the count at once, and the receipt has the last word', async () => {
    const outcome = book(event, { qty: 1 })
    expect(useBooking.getState().underWay).toEqual({ e: true })
    expect(left('e')).toBe(9)
    sent[0]?.answer(201, receipt(event, 'floor', 7, 4))
    await expect(outcome).resolves.toMatchObject({ kind: 'booked', booking: { id: 'b', event: { id: 'e', title: 'Gig', timeZone: 'Europe/Berlin' }, section: { name: 'Floor', price: 5 } } })
    expect(left('e')).toBe(7)
    expect(useBooking.getState().underWay).toEqual({})
    expect(server.added).toMatchObject([{ id: 'b' }])
  })

  test('asks for one seat where nothing else is said', () => {
    void book(event)
    expect(sent[0]?.body).toEqual({ eventId: 'e', qty: 1 })
  })

  test('of an event that is being booked is not sent again', async () => {
    void book(event)
    await expect(book(event)).resolves.toEqual({ kind: 'in-progress' })
    expect(sent).toHaveLength(1)
  })

  test('of another event goes on beside it', () => {
    void book(event)
    void book(seated, { sectionId: 'vip', qty: 2 })
    expect(sent).toHaveLength(2)
    expect(useBooking.getState().underWay).toEqual({ e: true, s: true })
  })

  test('that comes out after signing out is nobody else\'s', async () => {
    const outcome = book(event)
    for (const forget of server.forget) forget()
    sent[0]?.answer(201, receipt(event, 'floor', 9, 3))
    await outcome
    expect(server.added).toEqual([])
  })
})

test('a session that ends in mid-booking is no failure of the booking', async () => {
  const outcome = book(event)
  sent[0]?.fail(new SignedOut())
  await expect(outcome).resolves.toEqual({ kind: 'signed-out' })
  expect(left('e')).toBe(10)
  const cut = book(event)
  for (const forget of server.forget) forget()
  sent[1]?.fail()
  await expect(cut).resolves.toEqual({ kind: 'signed-out' })
})

describe('a refusal', () => {
  test('for want of tickets is shown as the truth', async () => {
    await expect(refused(event, refusal('sold_out', 409, { version: 9 }))).resolves.toEqual({ kind: 'sold-out' })
    expect(left('e')).toBe(0)
    useCatalog.getState().tell({ id: 'e', version: 8, remainingTickets: 2 })
    expect(left('e')).toBe(0)
  })

  test('for want of so many says how many there are', async () => {
    const outcome = await refused(seated, refusal('not_enough_tickets', 409, { version: 9, remaining: 1 }), { sectionId: 'vip', qty: 2 })
    expect(outcome).toEqual({ kind: 'not-enough', remaining: 1 })
    expect(useCatalog.getState().events.s?.sections.map(({ remaining }) => remaining)).toEqual([10, 1])
  })

  test('because sales are closed is known to the catalog, where a section was to be chosen too', async () => {
    await expect(refused(event, refusal('sale_closed', 409))).resolves.toEqual({ kind: 'closed' })
    await expect(refused(seated, refusal('sale_closed', 409))).resolves.toEqual({ kind: 'closed' })
    expect(useCatalog.getState().events).toMatchObject({ e: { closed: true, remainingTickets: 10 }, s: { closed: true } })
  })

  test('because it is booked already loads my bookings', async () => {
    await expect(refused(event, refusal('already_booked', 409, { bookingId: 'b' }))).resolves.toEqual({ kind: 'already-booked', bookingId: 'b' })
    expect(server.loads).toBe(1)
    expect(left('e')).toBe(10)
  })

  test.each([
    ['section_required', 422, { sections: [{ id: 'vip', name: 'VIP', remaining: 2 }] }, { kind: 'choose-section', sections: [{ id: 'vip', name: 'VIP', remaining: 2 }] }],
    ['booking_in_progress', 409, {}, { kind: 'in-progress' }],
    ['event_started', 409, {}, { kind: 'started' }],
    ['payment_declined', 402, {}, { kind: 'payment-declined' }],
    ['event_not_found', 404, {}, { kind: 'failed' }],
    ['internal', 500, {}, { kind: 'failed' }],
  ])('%s undoes the count', async (code, status, details, outcome) => {
    await expect(refused(event, refusal(code, status, details))).resolves.toEqual(outcome)
    expect(left('e')).toBe(10)
  })

  test.each([['rate_limited', 429, 'too-often'], ['overloaded', 503, 'busy']])('%s says how long to wait, and why', async (code, status, because) => {
    await expect(refused(event, refusal(code, status), undefined, { 'Retry-After': '7' })).resolves.toEqual({ kind: 'wait', seconds: 7, because })
  })
})

describe('when nobody knows what became of it', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('the same request is sent until its outcome is known', async () => {
    const outcome = book(event)
    sent[0]?.fail()
    await vi.runOnlyPendingTimersAsync()
    sent[1]?.answer(409, refusal('booking_in_progress', 409)) // the first one is being paid for
    await vi.runOnlyPendingTimersAsync()
    expect(left('e')).toBe(9)
    sent[2]?.answer(201, receipt(event, 'floor', 9, 3))
    await expect(outcome).resolves.toMatchObject({ kind: 'booked' })
    expect(new Set(sent.map(({ key }) => key)).size).toBe(1)
  })

  test('it gives up before long, undoes the count, and asking again is still the same request', async () => {
    const outcome = book(event)
    for (let n = 0; n < 4; n++) {
      sent[n]?.fail()
      await vi.runOnlyPendingTimersAsync()
    }
    await expect(outcome).resolves.toEqual({ kind: 'failed' })
    expect(sent).toHaveLength(4)
    expect(left('e')).toBe(10)
    void book(event)
    expect(sent[4]?.key).toBe(sent[0]?.key)
  })

  test('the receipt of an earlier try counts while its booking stands', async () => {
    await loseAllAnswers()
    const again = book(event)
    sent[4]?.answer(201, receipt(event, 'floor', 9, 3))
    await expect(again).resolves.toMatchObject({ kind: 'booked' })
    expect(server.looked).toEqual(['b'])
    expect(sent).toHaveLength(5)
  })

  test('the receipt of an earlier try whose booking was cancelled since is no booking: a new request is sent', async () => {
    await loseAllAnswers()
    server.status = 'CANCELLED'
    const again = book(event)
    sent[4]?.answer(201, receipt(event, 'floor', 9, 3))
    await vi.waitFor(() => expect(sent).toHaveLength(6))
    expect(sent[5]?.key).not.toBe(sent[4]?.key)
    expect(server.added).toEqual([])
    sent[5]?.answer(201, { ...receipt(event, 'floor', 9, 5), booking: { ...receipt(event, 'floor', 9, 5).booking, id: 'b2' } })
    await expect(again).resolves.toMatchObject({ kind: 'booked', booking: { id: 'b2' } })
    expect(server.added).toMatchObject([{ id: 'b2' }])
    expect(server.looked).toEqual(['b'])
  })

  test('a first receipt is taken at its word', async () => {
    const outcome = book(event)
    sent[0]?.answer(201, receipt(event, 'floor', 9, 3))
    await outcome
    expect(server.looked).toEqual([])
  })

  test('my bookings are looked at until it is there', async () => {
    await loseAllAnswers()
    const first = server.loads
    expect(first).toBeGreaterThan(0)
    await vi.advanceTimersByTimeAsync(6_000)
    expect(server.loads).toBeGreaterThan(first)
    server.byEvent = { e: {} }
    await vi.advanceTimersByTimeAsync(30_000)
    const found = server.loads
    await vi.advanceTimersByTimeAsync(300_000)
    expect(server.loads).toBe(found)
  })

  test('my bookings are looked at for two minutes while an earlier try has not finished, and no longer', async () => {
    await expect(refused(event, refusal('booking_in_progress', 409))).resolves.toEqual({ kind: 'in-progress' })
    await vi.advanceTimersByTimeAsync(600_000)
    expect(server.loads).toBe(8)
  })

  test.each(['the next try', 'signing out'])('my bookings are looked at no more after %s', async (end) => {
    await refused(event, refusal('booking_in_progress', 409))
    if (end === 'the next try') void book(event)
    else for (const forget of server.forget) forget()
    const before = server.loads
    await vi.advanceTimersByTimeAsync(600_000)
    expect(server.loads).toBe(before)
  })

  test('it is not sent again for whoever logs in next', async () => {
    const outcome = book(event)
    sent[0]?.fail()
    await vi.advanceTimersByTimeAsync(0)
    for (const forget of server.forget) forget()
    await vi.advanceTimersByTimeAsync(60_000)
    await expect(outcome).resolves.toEqual({ kind: 'signed-out' })
    expect(sent).toHaveLength(1)
  })

  test('another quantity is another request', async () => {
    const outcome = book(event)
    vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false)
    sent[0]?.fail()
    await expect(outcome).resolves.toEqual({ kind: 'failed' })
    void book(event, { qty: 2 })
    expect(sent[1]?.key).not.toBe(sent[0]?.key)
  })

  test('a refusal ends a request: the next is a new one', async () => {
    await refused(event, refusal('payment_declined', 402))
    void book(event)
    expect(sent[1]?.key).not.toBe(sent[0]?.key)
  })
})
