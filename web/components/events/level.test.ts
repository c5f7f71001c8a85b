import { describe, expect, it } from 'vitest'
import { level, thresholdsPassed, thresholdWords } from './level'

describe('the badge', () => {
  it.each([
    [100, 100, 'plenty'],
    [51, 100, 'plenty'],
    [50, 100, 'some'],
    [3, 5, 'plenty'],
    [10, 100, 'some'],
    [9, 100, 'few'],
    [1, 1000, 'few'],
    [1, 10, 'some'],
    [1, 2, 'some'],
    [1, 1, 'plenty'],
    [0, 100, 'none'],
    [0, 0, 'none'],
    // 0.1 + 0.2 and the like must not decide it: a tenth of 30 is 3.
    [3, 30, 'some'],
    [7, 70, 'some'],
  ])('%d of %d is %s', (remaining, total, expected) => expect(level(remaining, total)).toBe(expected))
})

describe('thresholds', () => {
  it.each([
    [51, 100, 0],
    [50, 100, 1],
    [11, 100, 1],
    [10, 100, 2],
    [6, 100, 2],
    [5, 100, 3],
    [0, 100, 4],
    [2, 2, 3],
  ])('%d of %d has passed %d', (remaining, total, passed) => expect(thresholdsPassed(remaining, total)).toBe(passed))

  it('say nothing while there is plenty', () => expect(thresholdWords(0, 'Gig')).toBe(''))
  it('name the event', () => expect(thresholdWords(4, 'Gig')).toBe('Gig is sold out.'))
})
