import { describe, expect, test, vi } from 'vitest'
import { jwt, loopback, problem, session, type Asked } from './loopback.testing'

/** The module as a new page has it, with its API at `url`. */
async function page(url: string) {
  vi.resetModules()
  vi.stubEnv('NEXT_PUBLIC_API_URL', url)
  const [{ api, tokens, liveURL }, { answer }] = await Promise.all([import('./api'), import('./problem')])
  return { api, tokens, liveURL, answer }
}

const events = { data: [], meta: { total: 0, page: 1, limit: 10, totalPages: 0 } }
const eventId = '7b1c7f0e-7c7c-4f0e-9d7e-3f1b2a4c5d6e'
const bearer = ({ headers }: Asked) => headers.authorization

test('a call has the token, and gets it first', async () => {
  const { accessToken, user } = session()
  const server = await loopback(({ call }) => ({ body: call === 'POST /auth/refresh' ? { accessToken, user } : events }))
  const { api, answer } = await page(server.url)
  expect(await answer(api.GET('/events'))).toEqual(events)
  expect(server.calls()).toEqual(['POST /auth/refresh', 'GET /events'])
  expect(server.asked[0]).toMatchObject({ body: '' })
  expect(server.asked.map(bearer)).toEqual([undefined, `Bearer ${accessToken}`])
})

describe('a 401', () => {
  test('has one refresh and one repetition, with the same body', async () => {
    const [old, fresh] = [session('A'), session('A')]
    const refreshes = [old, fresh]
    const server = await loopback((asked) => {
      if (asked.call === 'POST /auth/refresh') return { body: refreshes.shift() }
      return bearer(asked) === `Bearer ${fresh.accessToken}` ? { status: 201, body: {} } : { status: 401, body: problem(401, 'token_expired') }
    })
    const { api, answer } = await page(server.url)
    await answer(api.POST('/book', { body: { eventId, qty: 2 }, params: { header: { 'Idempotency-Key': 'k' } } }))
    expect(server.calls()).toEqual(['POST /auth/refresh', 'POST /book', 'POST /auth/refresh', 'POST /book'])
    const [, first, , second] = server.asked
    expect(JSON.parse(second?.body ?? '')).toEqual({ eventId, qty: 2 })
    expect(second?.headers['idempotency-key']).toBe('k')
    expect(first?.body).toBe(second?.body)
  })

  test('of many calls at once has one refresh for all of them', async () => {
    const [old, fresh] = [session('A'), session('A')]
    const refreshes = [old, fresh]
    const server = await loopback((asked) => {
      if (asked.call === 'POST /auth/refresh') return { body: refreshes.shift() }
      return bearer(asked) === `Bearer ${fresh.accessToken}` ? { body: events } : { status: 401, body: problem(401, 'token_expired') }
    })
    const { api, answer } = await page(server.url)
    await Promise.all(Array.from({ length: 5 }, () => answer(api.GET('/events'))))
    expect(server.calls().filter((call) => call === 'POST /auth/refresh')).toHaveLength(2)
  })

  test('again is the answer, and not asked for ever', async () => {
    const server = await loopback(({ call }) => (call === 'POST /auth/refresh' ? { body: session('A') } : { status: 401, body: problem(401, 'token_invalid') }))
    const { api, answer } = await page(server.url)
    await expect(answer(api.GET('/events'))).rejects.toMatchObject({ name: 'Refused', status: 401 })
    expect(server.calls()).toEqual(['POST /auth/refresh', 'GET /events', 'POST /auth/refresh', 'GET /events'])
  })

  test('of a log-in is its answer', async () => {
    const server = await loopback(() => ({ status: 401, body: problem(401, 'invalid_credentials') }))
    const { api, answer } = await page(server.url)
    await expect(answer(api.POST('/auth/login', { body: { email: 'a@b.example', password: 'x' } }))).rejects.toMatchObject({ name: 'Refused' })
    expect(server.calls()).toEqual(['POST /auth/login'])
  })

  test('of the refresh means that nobody is logged in', async () => {
    const server = await loopback(() => ({ status: 401, body: problem(401, 'token_invalid') }))
    const { api, answer } = await page(server.url)
    await expect(answer(api.GET('/events'))).rejects.toMatchObject({ name: 'SignedOut' })
    expect(server.calls()).toEqual(['POST /auth/refresh'])
  })
})

test('Onsale-Position only grows, and goes with reads', async () => {
  const positions = ['5', '9', '7']
  const server = await loopback(({ call }) => {
    if (call === 'POST /auth/refresh') return { body: session() }
    const position = positions.shift()
    return { body: events, headers: position ? { 'Onsale-Position': position } : undefined }
  })
  const { api, answer } = await page(server.url)
  for (let i = 0; i < 4; i++) await answer(api.GET('/events'))
  await answer(api.POST('/book', { body: { eventId, qty: 1 } }))
  const sent = server.asked.slice(1).map(({ headers }) => headers['onsale-position'])
  expect(sent).toEqual([undefined, '5', '9', '9', undefined])
})

test('a server that is not there is unreachable', async () => {
  const server = await loopback(() => ({ body: session() }))
  const { api, answer, tokens } = await page(server.url)
  await tokens.access()
  await server.stop()
  await expect(answer(api.GET('/events'))).rejects.toMatchObject({ name: 'Unreachable' })
})

test('who gives up is told that they did', async () => {
  const stop = new AbortController()
  const server = await loopback(({ call }) => {
    if (call === 'POST /auth/refresh') return { body: session() }
    stop.abort()
    return new Promise(() => undefined)
  })
  const { api, answer } = await page(server.url)
  await expect(answer(api.GET('/events', { signal: stop.signal }))).rejects.toMatchObject({ name: 'AbortError' })
})

test.each([
  ['https://api.onsale.example', 'wss://api.onsale.example/live'],
  ['http://127.0.0.1:3001/', 'ws://127.0.0.1:3001/live'],
  ['/api', `${location.origin.replace('http', 'ws')}/api/live`],
])('with the API at %s live counts come from %s', async (url, live) => {
  expect((await page(url)).liveURL()).toBe(live)
})

test('tokens of tests differ', () => expect(jwt()).not.toBe(jwt()))
