import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keepFresh } from './keep-fresh'
import { problem, session } from './loopback.testing'
import { Refused, Unreachable } from './problem'
import { Tokens, type Session } from './tokens'

const minute = 60_000
let visibility: DocumentVisibilityState

beforeEach(() => {
  vi.useFakeTimers()
  visibility = 'visible'
  vi.spyOn(document, 'visibilityState', 'get').mockImplementation(() => visibility)
})
afterEach(() => vi.useRealTimers())

async function kept() {
  const refresh = vi.fn(async (): Promise<Session> => session())
  const failed = vi.fn()
  const tokens = new Tokens({ refresh })
  const { check } = keepFresh(tokens, failed)
  check()
  await vi.advanceTimersByTimeAsync(0)
  expect(refresh).toHaveBeenCalledTimes(1)
  return { refresh, failed, tokens, pass: (ms: number) => vi.advanceTimersByTimeAsync(ms) }
}

test('a token is renewed a minute before it is over, again and again', async () => {
  const { refresh, pass } = await kept()
  await pass(13.9 * minute)
  expect(refresh).toHaveBeenCalledTimes(1)
  await pass(0.2 * minute)
  expect(refresh).toHaveBeenCalledTimes(2)
  await pass(14 * minute)
  expect(refresh).toHaveBeenCalledTimes(3)
})

test('a page that nobody looks at renews when it is shown again', async () => {
  const { refresh, pass } = await kept()
  visibility = 'hidden'
  await pass(60 * minute)
  expect(refresh).toHaveBeenCalledTimes(1)
  visibility = 'visible'
  document.dispatchEvent(new Event('visibilitychange'))
  await pass(0)
  expect(refresh).toHaveBeenCalledTimes(2)
})

test('a server that is down is asked again, less and less often, and at once when the network comes back', async () => {
  const { refresh, failed, pass } = await kept()
  refresh.mockImplementation(async () => {
    throw new Unreachable()
  })
  await pass(14 * minute)
  expect(failed, 'the token is good for a minute more').not.toHaveBeenCalled()
  refresh.mockClear()
  await pass(10 * minute)
  expect(failed.mock.lastCall?.[0]).toBeInstanceOf(Unreachable)
  expect(refresh.mock.calls.length).toBeGreaterThan(38) // every 7.5 to 15 s in the end
  expect(refresh.mock.calls.length).toBeLessThan(90)
  refresh.mockClear()
  refresh.mockImplementation(async () => session())
  window.dispatchEvent(new Event('online'))
  await pass(13.9 * minute)
  expect(refresh).toHaveBeenCalledTimes(1)
})

test('who is told to wait waits at least as long', async () => {
  const refresh = vi.fn(async (): Promise<Session> => {
    throw new Refused(problem(429, 'rate_limited'), 429, 40)
  })
  keepFresh(new Tokens({ refresh }), () => undefined).check()
  await vi.advanceTimersByTimeAsync(39_000)
  expect(refresh).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(22_000)
  expect(refresh).toHaveBeenCalledTimes(2)
})

test('after the session nothing is asked, until there is one again', async () => {
  const { refresh, tokens, pass } = await kept()
  tokens.end()
  await pass(60 * minute)
  window.dispatchEvent(new Event('focus'))
  await pass(0)
  expect(refresh).toHaveBeenCalledTimes(1)
  await tokens.begin(async () => session())
  await pass(14.1 * minute)
  expect(refresh).toHaveBeenCalledTimes(2)
})
