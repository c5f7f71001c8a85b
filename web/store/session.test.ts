import { beforeEach, describe, expect, test, vi } from 'vitest'
import { closeTabsAfterwards, loopback, problem, session, type Asked } from '@/lib/loopback.testing'
import { getHint, setHint } from '@/lib/session-hint'

beforeEach(() => {
  localStorage.clear()
  closeTabsAfterwards()
})

/** The store as a new page has it, with an API that answers so. */
async function page(answer: Parameters<typeof loopback>[0]) {
  const server = await loopback(answer)
  vi.resetModules()
  vi.stubEnv('NEXT_PUBLIC_API_URL', server.url)
  const { useSession, accessToken, onSignedOut } = await import('./session')
  const status = (wanted: string) => vi.waitFor(() => expect(useSession.getState().status).toBe(wanted))
  return { server, useSession, accessToken, onSignedOut, status, state: useSession.getState }
}

const credentials = { email: 'user@example.com', password: 'securePassword123' }
const works = ({ call }: Asked) => (call === 'POST /auth/logout' ? { status: 204 } : { body: session() })

describe('restoring', () => {
  test('asks nobody when nobody was logged in', async () => {
    const { server, state } = await page(works)
    state().restore()
    expect(state()).toMatchObject({ status: 'out', user: null, ended: 'none' })
    expect(server.calls()).toEqual([])
  })

  test('trades the cookie for a token, once', async () => {
    setHint('in')
    const { server, state, status } = await page(works)
    state().restore()
    state().restore()
    await status('in')
    state().restore()
    expect(state().user?.name).toBe('Demo User')
    expect(server.calls()).toEqual(['POST /auth/refresh'])
  })

  test('with a cookie that is good no more ends in being logged out', async () => {
    setHint('in')
    const { state, status } = await page(() => ({ status: 401, body: problem(401, 'token_expired') }))
    state().restore()
    await status('out')
    expect(state().ended).toBe('expired')
    expect(getHint()).toBeNull()
  })

  test('from a server that is busy says so, logs nobody out and goes on by itself', async () => {
    setHint('in')
    let busy = true
    const { state, status } = await page((asked) => (busy ? { status: 503, body: problem(503, 'overloaded') } : works(asked)))
    state().restore()
    await vi.waitFor(() => expect(state().trouble).toMatchObject({ name: 'Refused', status: 503 }))
    expect(state().status).toBe('unknown')
    expect(getHint()).toBe('in')
    busy = false
    window.dispatchEvent(new Event('online'))
    await status('in')
    expect(state().trouble).toBeNull()
  })
})

describe('logging in', () => {
  test('remembers that there is a session, and never a token', async () => {
    const { state, accessToken } = await page(works)
    state().restore()
    await state().logIn(credentials)
    expect(state()).toMatchObject({ status: 'in', user: { name: 'Demo User' }, ended: null })
    const stored = JSON.stringify({ ...localStorage, ...sessionStorage })
    expect(stored).toBe('{"onsale:session":"in"}')
    expect(stored).not.toContain(await accessToken())
  })

  test('that is refused changes nothing', async () => {
    const { state } = await page(() => ({ status: 401, body: problem(401, 'invalid_credentials') }))
    state().restore()
    await expect(state().logIn(credentials)).rejects.toMatchObject({ problem: { code: 'invalid_credentials' } })
    expect(state()).toMatchObject({ status: 'out', user: null })
    expect(getHint()).toBeNull()
  })
})

describe('logging out', () => {
  test('forgets at once, and tells the server', async () => {
    const forgotten = vi.fn()
    const { server, state, onSignedOut, accessToken } = await page(works)
    await state().logIn(credentials)
    onSignedOut(forgotten)
    const done = state().logOut()
    expect(state()).toMatchObject({ status: 'out', user: null, ended: 'chosen' })
    expect(forgotten).toHaveBeenCalledTimes(1)
    await expect(accessToken()).rejects.toMatchObject({ name: 'SignedOut' })
    expect(await done).toBe(true)
    expect(getHint()).toBeNull()
    expect(server.calls()).toEqual(['POST /auth/login', 'POST /auth/logout'])
  })

  test('while the server is away forgets all the same, and tells it when the network is back', async () => {
    let away = true
    const { server, state } = await page((asked) => (away && asked.call === 'POST /auth/logout' ? { status: 502 } : works(asked)))
    await state().logIn(credentials)
    expect(await state().logOut()).toBe(false)
    expect(state().status).toBe('out')
    expect(getHint()).toBe('leaving')
    away = false
    window.dispatchEvent(new Event('online'))
    await vi.waitFor(() => expect(getHint()).toBeNull())
    expect(server.calls()).toEqual(['POST /auth/login', 'POST /auth/logout', 'POST /auth/logout'])
  })

  test('while the server is away says so until it has been told, which is tried again by itself', async () => {
    let away = true
    const { server, state } = await page((asked) => (away && asked.call === 'POST /auth/logout' ? { status: 502 } : works(asked)))
    await state().logIn(credentials)
    const done = state().logOut()
    expect(state()).toMatchObject({ status: 'out', leaving: 'asking' })
    await done
    expect(state().leaving).toBe('untold')
    away = false
    await vi.waitFor(() => expect(state().leaving).toBe(false), 3_000)
    expect(getHint()).toBeNull()
    expect(server.calls()).toEqual(['POST /auth/login', 'POST /auth/logout', 'POST /auth/logout'])
  })

  test('that the server refuses to hear of now is no sign that it is away', async () => {
    const { state } = await page((asked) => (asked.call === 'POST /auth/logout' ? { status: 503, body: problem(503, 'overloaded') } : works(asked)))
    await state().logIn(credentials)
    expect(await state().logOut()).toBe(false)
    expect(state().leaving).toBe(false)
    expect(getHint()).toBe('leaving')
  })

  test('that the server was not told of is told by the next page', async () => {
    setHint('leaving')
    const { server, state } = await page(works)
    state().restore()
    expect(state().status).toBe('out')
    await vi.waitFor(() => expect(getHint()).toBeNull())
    expect(server.calls()).toEqual(['POST /auth/logout'])
  })

  test('that is told late does not end the session that has begun since', async () => {
    let away = true
    const { server, state } = await page((asked) => (away && asked.call === 'POST /auth/logout' ? { status: 502 } : works(asked)))
    await state().logIn(credentials)
    await state().logOut()
    away = false
    await state().logIn(credentials)
    window.dispatchEvent(new Event('online'))
    await state().logIn(credentials) // comes after whatever that caused
    expect(server.calls().filter((call) => call === 'POST /auth/logout')).toHaveLength(1)
    expect(state().status).toBe('in')
  })
})

test('another account logged in from another tab forgets what this one shows', async () => {
  const reload = vi.fn()
  vi.stubGlobal('location', { href: location.href, origin: location.origin, reload })
  const forgotten = vi.fn()
  const here = await page(() => ({ body: session('A') }))
  await here.state().logIn(credentials)
  here.onSignedOut(forgotten)
  const there = await page(() => ({ body: session('B') }))
  await there.state().logIn(credentials)
  await vi.waitFor(() => expect(reload).toHaveBeenCalledTimes(1))
  expect(forgotten).toHaveBeenCalledTimes(1)
})
