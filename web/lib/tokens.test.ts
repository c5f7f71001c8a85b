import { afterEach, describe, expect, test, vi } from 'vitest'
import { jwt, problem, session } from './loopback.testing'
import { Refused, SignedOut, Unreachable } from './problem'
import { Tokens, lifetime, type Change, type Session, type World } from './tokens'

/** Web Locks for one name, as a browser has them between tabs. */
class Locks {
  #tail: Promise<unknown> | null = null

  request<T>(name: string, callback: LockGrantedCallback<T>): Promise<T>
  request<T>(name: string, options: LockOptions, callback: LockGrantedCallback<T>): Promise<T>
  async request<T>(name: string, second: LockOptions | LockGrantedCallback<T>, third?: LockGrantedCallback<T>): Promise<T> {
    const [options, callback] = typeof second === 'function' ? [{}, second] : [second, third]
    if (!callback) throw new TypeError('no callback')
    if (options.ifAvailable && this.#tail) return await callback(null)
    const before = this.#tail
    const mine = (async () => {
      await before
      return await callback({ name, mode: 'exclusive' })
    })()
    const settled = mine.then(() => undefined, () => undefined).then(() => {
      if (this.#tail === settled) this.#tail = null
    })
    this.#tail = settled
    return mine
  }
}

const channels: BroadcastChannel[] = []
afterEach(() => {
  vi.useRealTimers()
  for (const channel of channels.splice(0)) channel.close()
})

/** A tab whose cookie is traded by `refresh`. Tabs with the same locks are of one browser. */
function tab(refresh: () => Promise<Session>, browser: { locks: Locks; name: string } | null = null) {
  const world: World = { refresh }
  if (browser) {
    const channel = new BroadcastChannel(browser.name)
    channels.push(channel)
    Object.assign(world, { locks: browser.locks, channel })
  }
  const tokens = new Tokens(world)
  const changes: Change[] = []
  tokens.watch((change) => changes.push(change))
  return { tokens, changes }
}

let browsers = 0
const browser = () => ({ locks: new Locks(), name: `browser ${++browsers}` })

function deferred<T>() {
  const settle: { resolve?: (value: T) => void; reject?: (error: unknown) => void } = {}
  const promise = new Promise<T>((resolve, reject) => Object.assign(settle, { resolve, reject }))
  return { promise, resolve: (value: T) => settle.resolve?.(value), reject: (error: unknown) => settle.reject?.(error) }
}

const down = () => Promise.reject<Session>(new Unreachable())
const refused = () => Promise.reject<Session>(new Refused(problem(401, 'token_invalid'), 401))

describe('in one tab', () => {
  test('many who need a token at once cause one refresh', async () => {
    const refresh = vi.fn(async () => session())
    const { tokens, changes } = tab(refresh)
    const all = await Promise.all(Array.from({ length: 20 }, () => tokens.access()))
    expect(new Set(all).size).toBe(1)
    expect(refresh).toHaveBeenCalledTimes(1)
    expect(changes.map(({ to }) => to)).toEqual(['in'])
  })

  test('a token is used until a minute before it is over, and then renewed first', async () => {
    vi.useFakeTimers()
    const refresh = vi.fn(async () => session())
    const { tokens } = tab(refresh)
    const first = await tokens.access()
    vi.advanceTimersByTime(13 * 60_000)
    expect(await tokens.access()).toBe(first)
    vi.advanceTimersByTime(61_000)
    expect(await tokens.access()).not.toBe(first)
    expect(refresh).toHaveBeenCalledTimes(2)
  })

  test('while the server is down a token that is not over yet is used on', async () => {
    vi.useFakeTimers()
    const refresh = vi.fn(async () => session())
    const { tokens, changes } = tab(refresh)
    const first = await tokens.access()
    refresh.mockImplementation(down)
    vi.advanceTimersByTime(14.5 * 60_000)
    expect(await tokens.access()).toBe(first)
    vi.advanceTimersByTime(60_000)
    await expect(tokens.access()).rejects.toBeInstanceOf(Unreachable)
    expect(changes.map(({ to }) => to), 'and nobody is logged out').toEqual(['in'])
  })

  test.each([
    ['is down', new Unreachable()],
    ['is busy', new Refused(problem(503, 'overloaded'), 503)],
    ['has a fault', new Refused(problem(500, 'internal'), 500)],
    ['limits the rate', new Refused(problem(429, 'rate_limited'), 429)],
  ])('a server that %s logs nobody out, and is asked again', async (_, error) => {
    const refresh = vi.fn(() => Promise.reject<Session>(error))
    const { tokens, changes } = tab(refresh)
    await expect(tokens.access()).rejects.toBe(error)
    expect(changes).toEqual([])
    refresh.mockImplementation(async () => session())
    await tokens.access()
    expect(changes.map(({ to }) => to)).toEqual(['in'])
  })

  test('a refresh token that is refused ends the session, and is not tried again', async () => {
    const refresh = vi.fn(refused)
    const { tokens, changes } = tab(refresh)
    await expect(tokens.access()).rejects.toBeInstanceOf(SignedOut)
    await expect(tokens.access()).rejects.toBeInstanceOf(SignedOut)
    expect(refresh).toHaveBeenCalledTimes(1)
    expect(changes).toEqual([{ to: 'out', why: 'expired' }])
  })

  test('without a session to restore nothing is asked', async () => {
    const refresh = vi.fn(async () => session())
    const { tokens, changes } = tab(refresh)
    tokens.none()
    await expect(tokens.access()).rejects.toBeInstanceOf(SignedOut)
    expect(refresh).not.toHaveBeenCalled()
    expect(changes).toEqual([{ to: 'out', why: 'none' }])
  })

  test('instead of a refused token there is a new one, or the one that has come meanwhile', async () => {
    const refresh = vi.fn(async () => session())
    const { tokens } = tab(refresh)
    const first = await tokens.access()
    const second = await tokens.instead(first)
    expect(second).not.toBe(first)
    expect(await tokens.instead(first)).toBe(second)
    expect(refresh).toHaveBeenCalledTimes(2)
  })

  test('a renewal that comes after the log-out brings nobody back', async () => {
    const slow = deferred<Session>()
    const { tokens, changes } = tab(() => slow.promise)
    const waiting = tokens.access()
    tokens.end()
    slow.resolve(session())
    await expect(waiting).rejects.toBeInstanceOf(SignedOut)
    expect(changes).toEqual([{ to: 'out', why: 'chosen' }])
  })

  test('a log-in that fails changes nothing, and one that works does', async () => {
    const { tokens, changes } = tab(refused)
    tokens.none()
    await expect(tokens.begin(refused)).rejects.toBeInstanceOf(Refused)
    const began = session()
    await tokens.begin(async () => began)
    expect(changes).toEqual([{ to: 'out', why: 'none' }, { to: 'in', user: began.user }])
    expect(await tokens.access()).toBe(began.accessToken)
  })

  test('where the browser denies locks, as it does with blocked cookies, the tab keeps its own queue', async () => {
    const locks = { request: () => Promise.reject(new DOMException('denied', 'SecurityError')) }
    const slow = deferred<Session>()
    const refresh = vi.fn(() => slow.promise)
    const tokens = new Tokens({ refresh, locks })
    const renewing = tokens.access()
    const logIn = vi.fn(async () => session('B'))
    const loggingIn = tokens.begin(logIn)
    await vi.waitFor(() => expect(refresh).toHaveBeenCalledTimes(1))
    expect(logIn).not.toHaveBeenCalled()
    slow.resolve(session('A'))
    await Promise.all([renewing, loggingIn])
    expect(logIn).toHaveBeenCalledTimes(1)
  })

  test.each([['with locks', browser()], ['without locks', null]])('what changes the cookie goes one at a time, %s', async (_, shared) => {
    const slow = deferred<Session>()
    const { tokens } = tab(() => slow.promise, shared)
    const renewing = tokens.access()
    const logIn = vi.fn(async () => session('B'))
    const loggingIn = tokens.begin(logIn)
    await Promise.resolve()
    expect(logIn).not.toHaveBeenCalled()
    slow.resolve(session('A'))
    await Promise.all([renewing, loggingIn])
    expect(logIn).toHaveBeenCalledTimes(1)
  })
})

describe('in two tabs', () => {
  test('both needing a token at once cause one refresh', async () => {
    const shared = browser()
    const slow = deferred<Session>()
    const refresh = vi.fn(() => slow.promise)
    const [a, b] = [tab(refresh, shared), tab(refresh, shared)]
    const both = Promise.all([a.tokens.access(), b.tokens.access()])
    slow.resolve(session())
    const [one, other] = await both
    expect(one).toBe(other)
    expect(refresh).toHaveBeenCalledTimes(1)
  })

  test('a tab whose news is lost refreshes itself', async () => {
    const { locks } = browser()
    const slow = deferred<Session>()
    const refresh = vi.fn(() => slow.promise)
    const [a, b] = [tab(refresh, { locks, name: 'here' }), tab(refresh, { locks, name: 'elsewhere' })]
    const both = Promise.all([a.tokens.access(), b.tokens.access()])
    slow.resolve(session())
    await both
    expect(refresh).toHaveBeenCalledTimes(2)
  })

  test('when the server is down for the first, the second asks for itself', async () => {
    const shared = browser()
    const slow = deferred<Session>()
    const refresh = vi.fn(async () => session()).mockImplementationOnce(() => slow.promise)
    const [a, b] = [tab(refresh, shared), tab(refresh, shared)]
    const [first, second] = [a.tokens.access(), b.tokens.access()]
    slow.reject(new Unreachable())
    await expect(first).rejects.toBeInstanceOf(Unreachable)
    await second
    expect(refresh).toHaveBeenCalledTimes(2)
  })

  test('a refusal is heard by both and asked for once', async () => {
    const shared = browser()
    const slow = deferred<Session>()
    const refresh = vi.fn(() => slow.promise)
    const [a, b] = [tab(refresh, shared), tab(refresh, shared)]
    const [first, second] = [a.tokens.access(), b.tokens.access()]
    slow.reject(new Refused(problem(401, 'token_invalid'), 401))
    await expect(first).rejects.toBeInstanceOf(SignedOut)
    await expect(second).rejects.toBeInstanceOf(SignedOut)
    expect(refresh).toHaveBeenCalledTimes(1)
    expect(b.changes).toEqual([{ to: 'out', why: 'expired' }])
  })

  test('log-out and log-in in one are those of the other', async () => {
    const shared = browser()
    const [a, b] = [tab(async () => session('A'), shared), tab(refused, shared)]
    const heard = (count: number) => vi.waitFor(() => expect(b.changes).toHaveLength(count))
    await a.tokens.access()
    await heard(1)
    a.tokens.end()
    await heard(2)
    const again = session('A')
    await a.tokens.begin(async () => again)
    await heard(3)
    expect(b.changes.map(({ to }) => to)).toEqual(['in', 'out', 'in'])
    expect(await b.tokens.access()).toBe(again.accessToken)
  })

  test('another account in one is told in the other', async () => {
    const shared = browser()
    const [a, b] = [tab(async () => session('A'), shared), tab(refused, shared)]
    await a.tokens.access()
    await vi.waitFor(() => expect(b.changes).toHaveLength(1))
    const other = session('B')
    await a.tokens.begin(async () => other)
    await vi.waitFor(() => expect(b.changes).toHaveLength(2))
    expect(b.changes[1]).toEqual({ to: 'other', user: other.user })
  })

  test('a late renewal brings nobody back who is out', async () => {
    const shared = browser()
    const [a, b, witness] = [tab(async () => session(), shared), tab(refused, shared), tab(refused, shared)]
    b.tokens.none()
    await a.tokens.access()
    await vi.waitFor(() => expect(witness.changes).toHaveLength(1)) // messages come to all in turn
    await expect(b.tokens.access()).rejects.toBeInstanceOf(SignedOut)
    expect(b.changes).toEqual([{ to: 'out', why: 'none' }])
  })
})

test.each([
  ['its own claims say', jwt(900), 900_000],
  ['five minutes, when it cannot be read', 'opaque', 300_000],
  ['five minutes, when it says nothing', `e30.${btoa('{}')}.`, 300_000],
])('a token is good for as long as %s', (_, token, life) => expect(lifetime(token)).toBe(life))
