import { expect, test } from 'vitest'
import { claim, hear, hearRefusal, keep, nothingKnown, shown, undo, type Counts, type Seats } from './seats'

/** What is told of a sale at one of its versions, and which numbers it tells. */
type News = { version: number; tells: 'both' | 'sum' | 'section a'; closed: boolean; outcome: boolean; apply: (seats: Seats) => Seats }

type Dice = (below: number) => number

test('in any order, with any repetition, the numbers are those of the newest version heard', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const dice = mulberry32(seed)
    const booked = dice(3) > 0
    const quantity = 1 + dice(2)
    const closes = 2 + dice(12)
    const { history, outcome } = sale(dice, booked ? quantity : 0)
    watch(history, shuffled(told(dice, history, outcome, booked, closes), dice), outcome, booked, quantity)
  }
})

/** A sale of the sections a and b as it went: what was left at each version, and the version of our booking's outcome. */
function sale(dice: Dice, quantity: number) {
  let left = { a: 3 + dice(10), b: 3 + dice(10) }
  const history = [left]
  const step = (a: number, b: number) => history.push((left = { a: Math.max(0, left.a + a), b: Math.max(0, left.b + b) }))
  const others = () => {
    for (let n = dice(4); n > 0; n--) {
      const change = dice(4) - 2
      if (dice(2)) step(change, 0)
      else step(0, change)
    }
  }
  others()
  if (quantity > 0) step(-quantity, 0) // the hold
  others()
  if (quantity > 0) step(0, 0) // its confirmation
  const outcome = history.length
  others()
  return { history, outcome }
}

type Left = { a: number; b: number }

/** Everything a browser hears of it: each version once or twice, and the receipt or the refusal of the booking. */
function told(dice: Dice, history: Left[], outcome: number, booked: boolean, closes: number): News[] {
  const frames = history.flatMap((left, i): News[] => {
    const closed = i + 1 >= closes
    const frame: News = { version: i + 1, tells: 'both', closed, outcome: false, apply: (seats) => hear(seats, { ...counts(i + 1, left), ...(closed && { closed }) }) }
    return dice(2) ? [frame, frame] : [frame]
  })
  const { a, b } = history[outcome - 1] ?? { a: 0, b: 0 }
  const receipt = { id: 'e', version: outcome, remainingTickets: a + b }
  const refusal = { version: outcome, sectionId: 'a', remaining: a }
  return [
    ...frames,
    booked
      ? { version: outcome, tells: 'sum', closed: false, outcome: true, apply: (seats) => keep(hear(seats, receipt), 'k', outcome) }
      : { version: outcome, tells: 'section a', closed: false, outcome: true, apply: (seats) => hearRefusal(undo(seats, 'k'), refusal) },
  ]
}

/** Books at the first version, hears the news in their order, and looks at the numbers after each. */
function watch(history: Left[], news: News[], outcome: number, booked: boolean, quantity: number) {
  const at = (version: number) => history[version - 1] ?? { a: 0, b: 0 }
  const ceiling = Math.max(0, at(1).a - quantity)
  const newest = { a: 1, b: 1, sum: 1 }
  let settled = false
  let closed = false
  let seats = claim(hear(nothingKnown, counts(1, at(1))), 'k', 'a', quantity)
  for (const each of news) {
    seats = each.apply(seats)
    settled ||= each.outcome
    closed ||= each.closed
    if (each.tells !== 'sum') newest.a = Math.max(newest.a, each.version)
    if (each.tells === 'both') newest.b = Math.max(newest.b, each.version)
    if (each.tells !== 'section a') newest.sum = Math.max(newest.sum, each.version)

    const { remainingTickets, sections, closed: shownClosed } = shown(seats)
    expect(shownClosed).toBe(closed)
    const counted = settled && (!booked || newest.a >= outcome)
    const a = counted ? at(newest.a).a : Math.min(at(newest.a).a, ceiling)
    expect(sections).toEqual([{ id: 'a', remaining: a }, { id: 'b', remaining: at(newest.b).b }])
    if (settled && newest.sum > newest.a) expect(remainingTickets).toBe(at(newest.sum).a + at(newest.sum).b)
    if (newest.sum <= newest.a) expect(remainingTickets).toBe(a + at(newest.b).b)
  }
  expect(shown(seats)).toEqual({ version: history.length, remainingTickets: at(history.length).a + at(history.length).b, sections: counts(0, at(history.length)).sections, closed })
  expect(seats.claims).toEqual([])
}

function counts(version: number, { a, b }: Left): Counts {
  return { id: 'e', version, remainingTickets: a + b, sections: [{ id: 'a', remaining: a }, { id: 'b', remaining: b }] }
}

/** Numbers from 0 up to `below`, the same for the same seed. */
function mulberry32(seed: number): Dice {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

function shuffled<T>(items: T[], dice: Dice): T[] {
  return items.map((item) => ({ item, place: dice(2 ** 31) })).toSorted((x, y) => x.place - y.place).map(({ item }) => item)
}
