import { describe, expect, test } from 'vitest'
import { curve, markDistances, seconds, suitable, tickWords, type Bucket, type BucketSize } from './timeline'

const noon = Date.parse('2031-01-15T12:00:00Z') / 1000

function bucket(minute: number, booked: number, cancelled = 0): Bucket {
  return { at: new Date((noon + minute * 60) * 1000).toISOString(), held: 0, booked, cancelled, revenue: 0 }
}

describe('curve', () => {
  test('begins at nothing, adds up, and goes on level until now', () => {
    expect(curve([bucket(0, 2), bucket(7, 3, 1)], 'minute', noon + 600)).toEqual({
      at: [noon - 60, noon, noon + 420, noon + 600],
      total: [0, 2, 4, 4],
      sold: [null, 2, 2, null],
    })
  })

  test('cancelled tickets are not sold', () => {
    expect(curve([bucket(0, 2), bucket(1, 0, 2)], 'minute', noon + 600).total).toEqual([0, 2, 0, 0])
  })

  test('the last bucket is drawn whole, even when it is not over', () => {
    expect(curve([bucket(0, 1)], 'minute', noon + 1).at.at(-1)).toBe(noon + 60)
  })

  test('nothing sold is nothing drawn', () => {
    expect(curve([], 'hour', noon)).toEqual({ at: [], total: [], sold: [] })
  })
})

test.each([
  ['a sale that has not begun', null, null, 'minute'],
  ['a first day', '2031-01-15T00:00:00Z', '2031-01-16T00:00:00Z', 'minute'],
  ['two weeks', '2031-01-01T00:00:00Z', '2031-01-15T00:00:00Z', 'hour'],
  ['a year', '2031-01-01T00:00:00Z', '2032-01-01T00:00:00Z', 'day'],
])('%s has buckets that suit it', (_, from, to, size) => {
  expect(suitable(from, to)).toBe(size)
})

test.each<BucketSize>(['second', 'minute', 'hour', 'day'])('marks on the axis are never finer than buckets of a %s', (size) => {
  expect(Math.min(...markDistances(size))).toBe(seconds[size])
})

test('marks of minutes and longer have no seconds in their words', () => {
  const at = new Date(2031, 0, 15, 14, 51).getTime() / 1000
  for (const step of markDistances('minute')) expect(tickWords(at, step)).toMatch(/^(2:51\sPM|Jan 15)$/)
})
