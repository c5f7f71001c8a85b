import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Unreachable } from '@/lib/problem'

type Sent = { key: string; answer: (status: number, body: unknown) => void; lose: () => void }

// The server: every event waits for the test to answer it.
const server = vi.hoisted(() => ({ sent: [] as unknown[], forget: [] as (() => void)[] }))
const sent = server.sent as Sent[]

vi.mock('@/lib/api', () => ({
  api: {
    POST: (_: string, { params }: { params: { header: Record<string, string> } }) =>
      new Promise((resolve, reject) => {
        const answer = (status: number, body: unknown) => resolve({ [status < 300 ? 'data' : 'error']: body, response: new Response(null, { status }) })
        server.sent.push({ key: params.header['Idempotency-Key'], answer, lose: () => reject(new Unreachable()) })
      }),
  },
}))
vi.mock('@/store/session', () => ({ onSignedOut: (forget: () => void) => void server.forget.push(forget) }))

const { publish } = await import('./publish')
const gig = { title: 'Gig', currency: 'USD', sections: [{ name: 'Floor', price: 5, capacity: 20 }] }
const keys = () => new Set(sent.map(({ key }) => key)).size

/** Publishes without ever hearing of it. */
async function loseAllAnswers() {
  const outcome = publish(gig).catch((error: unknown) => error)
  for (let n = 0; n < 4; n++) {
    sent.at(-1)?.lose()
    await vi.advanceTimersByTimeAsync(1_999)
  }
  await expect(outcome).resolves.toBeInstanceOf(Unreachable)
}

beforeEach(() => {
  vi.useFakeTimers()
  for (const forget of server.forget) forget()
  sent.length = 0
})
afterEach(() => void vi.useRealTimers())

test('an event that is published twice at once is one request', async () => {
  const outcomes = [publish(gig), publish({ ...gig })]
  for (const { answer } of sent) answer(201, { id: 'e' })
  await expect(Promise.all(outcomes)).resolves.toEqual([{ id: 'e' }, { id: 'e' }])
  expect(keys()).toBe(1)
  expect(sent[0]?.key).toMatch(/^[0-9a-f]{32}$/)
})

test('an event whose answer is lost is asked for again by itself, as the same request', async () => {
  const outcome = publish(gig)
  sent[0]?.lose()
  await vi.runOnlyPendingTimersAsync()
  sent[1]?.answer(503, { code: 'outcome_unknown', title: '' })
  await vi.runOnlyPendingTimersAsync()
  sent[2]?.answer(201, { id: 'e' })
  await expect(outcome).resolves.toEqual({ id: 'e' })
  expect(keys()).toBe(1)
})

test('an event that nobody knows of is the same request when it is published again', async () => {
  await loseAllAnswers()
  expect(sent).toHaveLength(4)
  void publish(gig)
  expect(keys()).toBe(1)
})

test('another event is another request', async () => {
  await loseAllAnswers()
  void publish({ ...gig, title: 'Another' })
  expect(keys()).toBe(2)
})

test('an event like one that is on sale is another one', async () => {
  const first = publish(gig)
  sent[0]?.answer(201, { id: 'e' })
  await first
  void publish(gig)
  expect(keys()).toBe(2)
})

test('an event is not asked for again for whoever logs in next, and is none of theirs', async () => {
  const lost = publish(gig).catch((error: unknown) => error)
  sent[0]?.lose()
  await vi.advanceTimersByTimeAsync(0)
  const late = publish({ ...gig, title: 'Late' }).catch((error: unknown) => error)
  for (const forget of server.forget) forget()
  sent[1]?.answer(201, { id: 'l' })
  await vi.advanceTimersByTimeAsync(60_000)
  await expect(lost).resolves.toBeInstanceOf(Unreachable)
  await expect(late).resolves.toMatchObject({ name: 'SignedOut' })
  expect(sent).toHaveLength(2)
  void publish(gig)
  expect(keys()).toBe(3)
})
