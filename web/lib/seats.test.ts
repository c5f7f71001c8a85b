import { describe, expect, test } from 'vitest'
import { claim, close, hear, hearRefusal, keep, nothingKnown, shown, undo, type Counts, type Seats } from './seats'

/** Counts of an event with sections `a` and, where given, `b`. */
function counts(version: number, a: number, b?: number): Counts {
  const sections = [{ id: 'a', remaining: a }, ...(b === undefined ? [] : [{ id: 'b', remaining: b }])]
  return { id: 'e', version, remainingTickets: a + (b ?? 0), sections }
}

/** What a receipt tells. */
function sum(version: number, remainingTickets: number): Counts {
  return { id: 'e', version, remainingTickets }
}

function heard(...all: Counts[]): Seats {
  return all.reduce(hear, nothingKnown)
}

const isClosed = (seats: Seats) => shown(seats).closed
const left = (seats: Seats) => shown(seats).remainingTickets
const sections = (seats: Seats) => Object.fromEntries(shown(seats).sections.map(({ id, remaining }) => [id, remaining]))

describe('counts', () => {
  test('a late frame never shows an older number', () => {
    expect(left(heard(counts(5, 3), counts(4, 9)))).toBe(3)
  })

  test('what is not newer changes nothing at all', () => {
    const seats = heard(counts(5, 3))
    expect(hear(seats, counts(5, 3))).toBe(seats)
    expect(hear(seats, counts(4, 9))).toBe(seats)
    expect(hearRefusal(seats, { version: 5, sectionId: 'a', remaining: 0 })).toBe(seats)
  })

  test('a sum alone tells of the only section', () => {
    expect(sections(heard(counts(1, 9), sum(2, 8)))).toEqual({ a: 8 })
  })

  test('a sum alone counts until the sections are as new', () => {
    const seats = heard(counts(1, 5, 5), sum(3, 8))
    expect(shown(seats)).toMatchObject({ remainingTickets: 8, version: 3 })
    expect(sections(seats)).toEqual({ a: 5, b: 5 })
    expect(shown(hear(seats, counts(3, 3, 5)))).toEqual({ version: 3, remainingTickets: 8, sections: [{ id: 'a', remaining: 3 }, { id: 'b', remaining: 5 }], closed: false })
  })
})

describe('sales that are closed', () => {
  const closing: Counts = { ...counts(5, 3), closed: true }

  test('are open until it is told', () => {
    expect(isClosed(heard(counts(1, 3)))).toBe(false)
    expect(isClosed(heard(counts(1, 3), closing))).toBe(true)
  })

  test('stay closed whatever is told later: frames from before, receipts, newer counts', () => {
    expect([counts(4, 9), sum(6, 2), counts(7, 4)].map((later) => isClosed(hear(heard(closing), later)))).toEqual([true, true, true])
  })

  test('are closed even by a frame whose counts are old', () => {
    const late = hear(heard(counts(1, 3), sum(6, 2)), closing)
    expect(shown(late)).toMatchObject({ closed: true, remainingTickets: 2 })
  })

  test('are closed by a refusal, which has no counts', () => {
    expect(shown(close(heard(counts(1, 3))))).toMatchObject({ closed: true, version: 1, remainingTickets: 3 })
  })

  test('change nothing when it is told again', () => {
    const seats = heard(closing)
    expect(hear(seats, closing)).toBe(seats)
    expect(close(seats)).toBe(seats)
  })

  test('still finish the booking that is under way', () => {
    const seats = keep(hear(hear(claim(heard(counts(1, 10)), 'k', 'a', 1), closing), sum(6, 2)), 'k', 6)
    expect(shown(seats)).toMatchObject({ closed: true, remainingTickets: 2 })
    expect(isClosed(undo(claim(heard(closing), 'k', 'a', 1), 'k'))).toBe(true)
  })
})

describe('a booking', () => {
  test('is shown at the click', () => {
    const seats = claim(heard(counts(1, 10, 5)), 'k', 'a', 2)
    expect(sections(seats)).toEqual({ a: 8, b: 5 })
    expect(left(seats)).toBe(13)
  })

  test('is not counted again when its own hold is told before the receipt', () => {
    const clicked = claim(heard(counts(1, 10)), 'k', 'a', 1)
    const hold = hear(clicked, counts(2, 9))
    const receipt = keep(hear(hold, sum(3, 9)), 'k', 3)
    expect([left(clicked), left(hold), left(receipt)]).toEqual([9, 9, 9])
  })

  test('stays shown when a frame from before it comes late', () => {
    const receipt = keep(hear(claim(heard(counts(1, 10, 5)), 'k', 'a', 1), sum(4, 14)), 'k', 4)
    const late = hear(receipt, counts(2, 10, 5))
    expect(sections(late)).toEqual({ a: 9, b: 5 })
    expect(left(late)).toBe(14)
  })

  test('shows what others take meanwhile', () => {
    const seats = claim(heard(counts(1, 10)), 'k', 'a', 1)
    expect(left(hear(seats, counts(3, 4)))).toBe(4)
  })

  test('gives way to newer counts, higher ones too', () => {
    const seats = keep(hear(claim(heard(counts(1, 10)), 'k', 'a', 1), sum(3, 9)), 'k', 3)
    expect(left(hear(seats, counts(4, 11)))).toBe(11)
  })

  test('that failed leaves no trace', () => {
    const before = heard(counts(1, 10))
    expect(shown(undo(claim(before, 'k', 'a', 3), 'k'))).toEqual(shown(before))
  })

  test('of more than there is shows none, not less', () => {
    const seats = claim(heard(counts(1, 1)), 'k', 'a', 3)
    expect(shown(seats)).toMatchObject({ remainingTickets: 0, sections: [{ id: 'a', remaining: 0 }] })
  })

  test('of an unknown section changes nothing', () => {
    const seats = heard(counts(1, 1))
    expect(claim(seats, 'k', 'z', 1)).toBe(seats)
  })

  test('that is cancelled gives its seats back', () => {
    const booked = keep(hear(claim(heard(counts(1, 10)), 'k', 'a', 1), sum(3, 9)), 'k', 3)
    expect(left(hear(booked, sum(4, 10)))).toBe(10)
  })

  test('does not end the ceiling of another one', () => {
    const both = claim(claim(heard(counts(1, 10)), 'k', 'a', 1), 'l', 'a', 2)
    expect(left(keep(hear(both, sum(3, 9)), 'k', 3))).toBe(7)
  })
})

describe('a refusal', () => {
  test('that all is sold out is the truth, and a late frame does not change it', () => {
    const refused = hearRefusal(undo(claim(heard(counts(1, 2)), 'k', 'a', 1), 'k'), { version: 6, sectionId: 'a', remaining: 0 })
    expect(shown(refused)).toMatchObject({ version: 6, remainingTickets: 0 })
    expect(left(hear(refused, counts(5, 1)))).toBe(0)
  })

  test('tells of its section only', () => {
    const refused = hearRefusal(heard(counts(1, 2, 5)), { version: 6, sectionId: 'a', remaining: 0 })
    expect(sections(refused)).toEqual({ a: 0, b: 5 })
    expect(left(refused)).toBe(5)
  })

  test('gives way to the counts of its version, whichever comes first', () => {
    const refusal = { version: 6, sectionId: 'a', remaining: 2 }
    const frame = counts(6, 1)
    expect(left(hear(hearRefusal(heard(counts(1, 9)), refusal), frame))).toBe(1)
    expect(left(hearRefusal(hear(heard(counts(1, 9)), frame), refusal))).toBe(1)
  })
})
