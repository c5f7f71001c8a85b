/**
 * What is left of one event, as far as this browser knows. Pure.
 *
 * News arrives in any order: live frames, lists, receipts, refusals. Each piece names the version of the sale that it is
 * true for, and a number only ever moves to a newer version. A booking under way is laid over that as a ceiling: what was
 * shown at the click, less what is being booked. The ceiling stays until the truth has reached the receipt's version, so
 * that the hold's own frame is not counted twice and a late frame never brings back seats that are gone.
 *
 * Sales are closed for good: whoever has heard of it once, by whatever way, need not look at versions.
 */

export type SectionCount = { id: string; remaining: number }

/** Counts as the API tells them. Receipts tell the sum only, and do not say whether sales are closed. */
export type Counts = { id: string; version: number; remainingTickets: number; sections?: readonly SectionCount[]; closed?: boolean }

/** What a refusal tells: that a section has only this many seats to be had. */
export type Refusal = { version: number; sectionId: string; remaining: number }

/** A number, and the version of the sale that told it. */
type Known = { readonly remaining: number; readonly version: number }

/** What the numbers may not exceed; for good, or until they are as new as `until`. */
type Claim = { readonly key: string; readonly sectionId: string; readonly section: number; readonly total: number; readonly until: number }

export type Seats = {
  readonly total: Known
  readonly sections: ReadonlyMap<string, Known>
  readonly claims: readonly Claim[]
  readonly closed: boolean
}

/** What to show. `version` is the newest that any of the numbers is true for. */
export type Shown = { version: number; remainingTickets: number; sections: SectionCount[]; closed: boolean }

const unheard: Known = { remaining: 0, version: 0 }

export const nothingKnown: Seats = { total: unheard, sections: new Map(), claims: [], closed: false }

/** Takes in counts. What is not newer changes nothing, and then the same `Seats` are returned. */
export function hear(seats: Seats, counts: Counts): Seats {
  const told = { remaining: counts.remainingTickets, version: counts.version }
  const total = newer(seats.total, told)
  const sections = new Map(seats.sections)
  for (const { id, remaining } of counts.sections ?? onlySection(seats, told)) {
    sections.set(id, newer(sections.get(id) ?? unheard, { remaining, version: counts.version }))
  }
  return learned(counts.closed ? close(seats) : seats, total, sections)
}

/** Takes in that sales are closed. Nothing opens them again. */
export function close(seats: Seats): Seats {
  return seats.closed ? seats : { ...seats, closed: true }
}

/**
 * Takes in a refusal. It may count seats of holds that have run out, which the counts of the same version do not have yet:
 * those win, whichever comes first.
 */
export function hearRefusal(seats: Seats, { version, sectionId, remaining }: Refusal): Seats {
  const told = { remaining, version: version - 0.5 }
  const sections = new Map(seats.sections).set(sectionId, newer(seats.sections.get(sectionId) ?? unheard, told))
  return learned(seats, sections.size === 1 ? newer(seats.total, told) : seats.total, sections)
}

/** Lays a booking over the numbers, as if it had succeeded. An unknown section changes nothing. */
export function claim(seats: Seats, key: string, sectionId: string, quantity: number): Seats {
  const now = shown(seats)
  const section = now.sections.find(({ id }) => id === sectionId)
  if (!section) return seats
  const laid = { key, sectionId, section: section.remaining - quantity, total: now.remainingTickets - quantity, until: Infinity }
  return { ...seats, claims: [...seats.claims, laid] }
}

/** The booking is done, with a receipt of this version: its ceiling stays until the numbers are as new. */
export function keep(seats: Seats, key: string, version: number): Seats {
  return learned({ ...seats, claims: seats.claims.map((each) => (each.key === key ? { ...each, until: version } : each)) }, seats.total, seats.sections)
}

/** The booking was not made: its ceiling goes. */
export function undo(seats: Seats, key: string): Seats {
  return { ...seats, claims: seats.claims.filter((each) => each.key !== key) }
}

/**
 * What to show now. The sum is what was told of it, or what the sections add up to where any of them is as new: then it agrees
 * with what is told of them.
 */
export function shown({ total, sections, claims, closed }: Seats): Shown {
  const counts = [...sections].map(([id, known]) => {
    const ceilings = claims.filter((each) => each.sectionId === id && each.until > known.version).map((each) => each.section)
    return { id, remaining: Math.max(0, Math.min(known.remaining, ...ceilings)) }
  })
  const newest = Math.max(0, ...[...sections.values()].map(({ version }) => version))
  const ceilings = claims.filter((each) => each.until > total.version).map((each) => each.total)
  return {
    version: Math.ceil(Math.max(newest, total.version)),
    remainingTickets: total.version > newest ? Math.max(0, Math.min(total.remaining, ...ceilings)) : counts.reduce((sum, each) => sum + each.remaining, 0),
    sections: counts,
    closed,
  }
}

function newer(known: Known, told: Known): Known {
  return told.version > known.version ? told : known
}

/** The one section of an event that has no other: the sum tells of it too. */
function onlySection(seats: Seats, { remaining }: Known): SectionCount[] {
  return seats.sections.size === 1 ? [...seats.sections.keys()].map((id) => ({ id, remaining })) : []
}

function learned(seats: Seats, total: Known, sections: ReadonlyMap<string, Known>): Seats {
  const claims = seats.claims.filter(({ sectionId, until }) => until > (sections.get(sectionId)?.version ?? 0))
  const same = total === seats.total && claims.length === seats.claims.length && [...sections].every(([id, known]) => known === seats.sections.get(id))
  return same ? seats : { ...seats, total, sections, claims }
}
