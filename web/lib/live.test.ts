import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Live, type LiveState } from './live'
import type { Counts } from './seats'

const event = (n: number) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`
const counts = (n: number, version: number): Counts => ({ id: event(n), version, remainingTickets: 5 })

/** The server's end of a connection. */
class Socket extends EventTarget {
  static all: Socket[] = []
  static get last(): Socket {
    const last = Socket.all.at(-1)
    if (!last) throw new Error('nobody has connected')
    return last
  }

  readonly sent: { type: string; token?: string; events?: string[] }[] = []
  closed = false

  constructor(readonly url: string) {
    super()
    Socket.all.push(this)
  }

  send(text: string) {
    this.sent.push(JSON.parse(text))
  }

  close() {
    this.closed = true
  }

  open() {
    this.dispatchEvent(new Event('open'))
  }

  tell(frame: object) {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(frame) }))
  }

  hangUp(code: number) {
    this.dispatchEvent(new CloseEvent('close', { code }))
  }

  /** Everything until counts come. */
  async welcome() {
    this.open()
    this.tell({ type: 'ready' })
    await vi.advanceTimersByTimeAsync(0)
    this.tell({ type: 'snapshot', events: [] })
  }

  asked(type: string) {
    return this.sent.filter((frame) => frame.type === type)
  }
}

let states: LiveState[] = []
let heard: Counts[] = []
let token = 'one'
let refusals: (string | undefined)[] = []
let live: Live

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', Socket)
  vi.spyOn(Math, 'random').mockReturnValue(1) // the longest pauses
  Socket.all = []
  states = []
  heard = []
  token = 'one'
  refusals = []
  live = new Live({
    url: () => 'ws://onsale.test/live',
    token: async (refused) => {
      refusals.push(refused)
      return token || Promise.reject(new Error('no server'))
    },
    counts: (all) => heard.push(...all),
    state: (state) => states.push(state),
  })
})

afterEach(() => {
  live.reset()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

/** Watches and is live. */
async function watching(...ids: number[]) {
  const unwatch = live.watch(ids.map(event))
  await pass(0)
  await Socket.last.welcome()
  return unwatch
}

describe('a connection', () => {
  test('is there while somebody watches: says who, subscribes, and tells counts', async () => {
    const unwatch = live.watch([event(1), event(2)])
    await pass(0)
    const socket = Socket.last
    expect(socket.sent).toEqual([])
    socket.open()
    expect(socket.sent).toEqual([{ type: 'auth', token: 'one' }])
    socket.tell({ type: 'ready' })
    await pass(0)
    expect(socket.asked('subscribe')).toEqual([{ type: 'subscribe', events: [event(1), event(2)] }])
    expect(states).toEqual(['connecting'])
    socket.tell({ type: 'snapshot', events: [counts(1, 3)] })
    socket.tell({ type: 'counts', events: [counts(2, 4)] })
    expect(states).toEqual(['connecting', 'live'])
    expect(heard).toEqual([counts(1, 3), counts(2, 4)])

    unwatch()
    await pass(2_000)
    expect(socket.closed).toBe(true)
    expect(states.at(-1)).toBe('off')
  })

  test('is not made where nobody watches, nor for what is no event', async () => {
    live.watch([])
    live.watch(['unknown'])
    await pass(60_000)
    expect(Socket.all).toEqual([])
  })

  test('follows what is watched; what is watched twice stays until both are gone', async () => {
    const first = await watching(1, 2)
    const second = live.watch([event(2), event(3)])
    first()
    await pass(10)
    expect(Socket.last.sent.slice(2)).toEqual([{ type: 'subscribe', events: [event(3)] }, { type: 'unsubscribe', events: [event(1)] }])
    second()
    second()
    live.watch([event(4)])
    await pass(10)
    expect(Socket.last.sent.slice(4)).toEqual([{ type: 'subscribe', events: [event(4)] }, { type: 'unsubscribe', events: [event(2), event(3)] }])
    expect(Socket.all).toHaveLength(1)
  })

  test('is kept for whoever watches on the next page', async () => {
    const unwatch = await watching(1)
    unwatch()
    await pass(1_000)
    live.watch([event(1)])
    await pass(10_000)
    expect(Socket.all).toHaveLength(1)
    expect(Socket.last.closed).toBe(false)
  })

  test('sends no more frames than the server takes, and asks for the rest a little later', async () => {
    let unwatch = await watching(1)
    for (let n = 2; n < 50; n++) {
      unwatch()
      unwatch = live.watch([event(n)])
      await pass(10)
    }
    expect(Socket.last.sent.length).toBeLessThanOrEqual(16)
    await pass(10_000)
    const subscribed = new Set<string>()
    for (const { type, events = [] } of Socket.last.sent) {
      for (const id of events) {
        if (type === 'subscribe') subscribed.add(id)
        else subscribed.delete(id)
      }
    }
    expect([...subscribed]).toEqual([event(49)])
  })
})

describe('when it breaks', () => {
  test('it comes back after a random pause and begins with a snapshot', async () => {
    await watching(1)
    await pass(6_000)
    Socket.last.hangUp(1006)
    await pass(499)
    expect(states.at(-1)).toBe('reconnecting')
    expect(Socket.all).toHaveLength(1)
    await pass(1)
    expect(Socket.all).toHaveLength(2)
    await Socket.last.welcome()
    expect(Socket.last.asked('subscribe')).toEqual([{ type: 'subscribe', events: [event(1)] }])
    expect(states.at(-1)).toBe('live')
  })

  test('pauses grow while it does not hold, also when it was live for a moment', async () => {
    await watching(1)
    for (const pause of [500, 1_000, 2_000, 4_000]) {
      Socket.last.hangUp(4002)
      await pass(pause - 1)
      const before = Socket.all.length
      await pass(1)
      expect(Socket.all.length).toBe(before + 1)
      await Socket.last.welcome()
    }
    await pass(5_000)
    Socket.last.hangUp(1001)
    await pass(500)
    expect(Socket.all).toHaveLength(6)
  })

  test('without a token it tries again like without a server', async () => {
    token = ''
    live.watch([event(1)])
    await pass(0)
    expect(states).toEqual(['connecting', 'reconnecting'])
    token = 'two'
    await pass(500)
    Socket.last.open()
    expect(Socket.last.sent).toEqual([{ type: 'auth', token: 'two' }])
  })

  test('a connection that never gets anywhere is given up', async () => {
    live.watch([event(1)])
    await pass(15_000)
    expect(Socket.last.closed).toBe(true)
    expect(states.at(-1)).toBe('reconnecting')
  })

  test('it stays away when the server says so, until something is better', async () => {
    await watching(1)
    Socket.last.hangUp(4504)
    live.watch([event(2)])
    await pass(120_000)
    expect(Socket.all).toHaveLength(1)
    expect(states.at(-1)).toBe('off')
    live.wake()
    await pass(0)
    expect(Socket.all).toHaveLength(2)
  })

  test('waking up ends a long pause', async () => {
    live.watch([event(1)])
    for (let n = 0; n < 6; n++) {
      await pass(0)
      Socket.last.hangUp(1006)
      await pass(500 * 2 ** n)
    }
    Socket.last.hangUp(1006)
    const before = Socket.all.length
    await pass(100)
    live.wake()
    await pass(0)
    expect(Socket.all.length).toBe(before + 1)
  })
})

describe('tokens', () => {
  test('a newer one is told in the open connection', async () => {
    await watching(1)
    token = 'two'
    await pass(15_000)
    expect(Socket.last.asked('auth')).toEqual([{ type: 'auth', token: 'one' }, { type: 'auth', token: 'two' }])
    Socket.last.tell({ type: 'ready' })
    await pass(15_000)
    expect(Socket.last.asked('auth')).toHaveLength(2)
  })

  test('an expired one is renewed at once, but not again and again', async () => {
    await watching(1)
    Socket.last.hangUp(4401)
    token = 'two'
    await pass(0)
    expect(Socket.all).toHaveLength(2)
    Socket.last.open()
    expect(Socket.last.sent).toEqual([{ type: 'auth', token: 'two' }])
    Socket.last.hangUp(4401)
    await pass(0)
    expect(Socket.all).toHaveLength(2)
    await pass(1_000)
    expect(Socket.all).toHaveLength(3)
  })

  test('one that the server no longer takes is replaced once, and if the new one is not taken either it stays away', async () => {
    await watching(1)
    Socket.last.hangUp(4500)
    token = 'two'
    await pass(0)
    Socket.last.open()
    expect(Socket.last.sent).toEqual([{ type: 'auth', token: 'two' }])
    expect(refusals).toEqual([undefined, 'one'])
    Socket.last.hangUp(4500)
    await pass(120_000)
    expect(Socket.all).toHaveLength(2)
    expect(states.at(-1)).toBe('off')
  })
})

describe('a silent connection', () => {
  test('is asked for a sign of life, and stays when it gives one', async () => {
    await watching(1)
    await pass(45_000)
    expect(Socket.last.asked('auth')).toHaveLength(2)
    Socket.last.tell({ type: 'ready' })
    await pass(10_000)
    expect(Socket.last.closed).toBe(false)
  })

  test('is given up when it gives none', async () => {
    await watching(1)
    await pass(55_000)
    expect(Socket.all[0]?.closed).toBe(true)
    expect(states.at(-1)).toBe('reconnecting')
  })

  test('is asked at once when the network comes back', async () => {
    await watching(1)
    live.wake()
    expect(Socket.last.asked('auth')).toHaveLength(2)
    await pass(10_000)
    expect(Socket.all[0]?.closed).toBe(true)
  })
})

test('paused, nothing connects until it goes on', async () => {
  await watching(1)
  live.pause()
  expect(Socket.last.closed).toBe(true)
  live.watch([event(2)])
  await pass(60_000)
  expect(Socket.all).toHaveLength(1)
  live.wake()
  await pass(0)
  expect(Socket.all).toHaveLength(2)
})

test('what a connection says after it was left is not heard', async () => {
  await watching(1)
  const left = Socket.last
  live.reset()
  left.tell({ type: 'counts', events: [counts(1, 9)] })
  left.hangUp(1006)
  await pass(60_000)
  expect(heard).toEqual([])
  expect(Socket.all).toHaveLength(1)
})
