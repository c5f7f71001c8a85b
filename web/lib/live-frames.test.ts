import { describe, expect, test, vi } from 'vitest'
import { afterClose, fullJitter, isEventId, nextRequest, pacer, readFrame } from './live-frames'

const ids = (n: number, from = 0) => new Set(Array.from({ length: n }, (_, i) => `e${from + i}`))

describe('a frame', () => {
  test('of counts is read', () => {
    const events = [{ id: 'e', version: 3, remainingTickets: 2, sections: [{ id: 's', remaining: 2 }] }]
    expect(readFrame(JSON.stringify({ type: 'counts', events }))).toEqual({ type: 'counts', events })
    expect(readFrame('{"type":"ready"}')).toEqual({ type: 'ready' })
  })

  test.each(['', 'null', '[]', '{"type":"news"}', '{"type":"counts"}', 7])('that is none is passed over: %s', (text) => {
    expect(readFrame(text)).toBeNull()
  })

  test('that closes sales is read', () => {
    const frame = { type: 'counts', events: [{ id: 'e', version: 3, remainingTickets: 2, closed: true }] }
    expect(readFrame(JSON.stringify(frame))).toEqual(frame)
  })

  test('loses only what is no count in it', () => {
    const good = { id: 'e', version: 3, remainingTickets: 2 }
    const events = [null, { ...good, version: '3' }, { ...good, remainingTickets: -1 }, { ...good, sections: [{}] }, { ...good, closed: 1 }, good]
    expect(readFrame(JSON.stringify({ type: 'snapshot', events }))).toEqual({ type: 'snapshot', events: [good] })
  })
})

describe('what to ask for next', () => {
  test('what is missing comes first, then what is not wanted any more', () => {
    expect(nextRequest(new Set(['a', 'b']), new Set(['b', 'c']))).toEqual({ type: 'subscribe', events: ['a'] })
    expect(nextRequest(new Set(['b']), new Set(['b', 'c']))).toEqual({ type: 'unsubscribe', events: ['c'] })
    expect(nextRequest(new Set(['b']), new Set(['b']))).toBeNull()
  })

  test('a frame has a hundred events at most', () => {
    expect(nextRequest(ids(250), new Set())?.events).toHaveLength(100)
  })

  test('there are never more than five hundred: room is made first', () => {
    expect(nextRequest(ids(50, 1000), ids(480))).toMatchObject({ type: 'unsubscribe' })
    expect(nextRequest(ids(20, 1000), ids(480))).toMatchObject({ type: 'subscribe' })
  })
})

test.each([
  [1001, 'come-back'], [1006, 'come-back'], [4000, 'come-back'], [4001, 'come-back'], [4002, 'come-back'], [4401, 'renew'],
  [4500, 'renew'], [4501, 'stay-away'], [4502, 'stay-away'], [4503, 'stay-away'], [4504, 'stay-away'], [1002, 'stay-away'], [1009, 'stay-away'],
])('after close code %i: %s', (code, then) => {
  expect(afterClose(code)).toBe(then)
})

test('a pause is anything up to one that doubles, and never over half a minute', () => {
  vi.spyOn(Math, 'random').mockReturnValue(1)
  expect([0, 1, 2, 20].map(fullJitter)).toEqual([500, 1000, 2000, 30_000])
  vi.spyOn(Math, 'random').mockReturnValue(0)
  expect(fullJitter(5)).toBe(0)
})

test('a pacer lets a burst through, and then one at a time', () => {
  vi.useFakeTimers({ now: 0 })
  const wait = pacer(2, 1000)
  expect([wait(), wait(), wait()]).toEqual([0, 0, 1000])
  vi.setSystemTime(400)
  expect(wait()).toBe(600)
  vi.setSystemTime(1000)
  expect([wait(), wait()]).toEqual([0, 1000])
  vi.useRealTimers()
})

test('an id is one that the server takes and says again', () => {
  expect(isEventId('01900000-0000-7000-8000-000000000001')).toBe(true)
  for (const no of ['', 'unknown', '01900000-0000-7000-8000-00000000000A', '01900000000070008000000000000001']) expect(isEventId(no)).toBe(false)
})
