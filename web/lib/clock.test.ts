import { beforeEach, expect, test, vi } from 'vitest'

/** The module as a new page has it, with the device's clock at noon. */
beforeEach(() => {
  vi.resetModules()
  vi.useFakeTimers({ now: noon })
  return () => vi.useRealTimers()
})

const noon = Date.UTC(2031, 0, 15, 12)
const hour = 3_600_000
const dateOf = (ms: number) => new Date(ms).toUTCString()

test("before any answer it is the device's clock", async () => {
  const { now } = await import('./clock')
  expect(now()).toBe(noon)
})

test.each([
  ['a device that is an hour ahead is put right', -hour, -hour],
  ['a device that is an hour behind is put right', hour, hour],
  ['a device that may be right is left alone', -1000, 0],
])('%s', async (_, server, moved) => {
  const { hearDate, now } = await import('./clock')
  hearDate(dateOf(noon + server), noon, noon + 300)
  expect(Math.abs(now() - noon - moved)).toBeLessThanOrEqual(1000)
  if (moved === 0) expect(now()).toBe(noon)
})

test('what is no date moves nothing', async () => {
  const { hearDate, now } = await import('./clock')
  hearDate(null, noon, noon)
  hearDate('yesterday', noon, noon)
  expect(now()).toBe(noon)
})

test('who follows the clock is told when it is put right, and only then', async () => {
  const { hearDate, followClock } = await import('./clock')
  const moved = vi.fn()
  const unfollow = followClock(moved)
  hearDate(dateOf(noon + hour), noon, noon + 300)
  hearDate(dateOf(noon + hour), noon, noon + 300)
  expect(moved).toHaveBeenCalledOnce()
  unfollow()
  hearDate(dateOf(noon), noon, noon + 300)
  expect(moved).toHaveBeenCalledOnce()
})
