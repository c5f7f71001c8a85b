/** What a clock on the wall shows, as `<input type="datetime-local">` gives it: "2031-03-15T20:00". */
export type WallTime = string

const day = 24 * 60 * 60 * 1000

const shape = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d))?$/

/** The milliseconds since 1970 at which a clock in UTC shows this; NaN when it is no time at all. */
function asUTC(wall: WallTime): number {
  const [, ...parts] = shape.exec(wall) ?? []
  const [year, month, date, hour, minute, second] = parts.map((part) => Number(part ?? 0))
  if (year === undefined || month === undefined || date === undefined || hour === undefined) return NaN
  const time = Date.UTC(year, month - 1, date, hour, minute, second)
  // 31 February would become a day in March.
  return new Date(time).toISOString().startsWith(wall.slice(0, 16)) ? time : NaN
}

/** How far the clocks of a zone are ahead of UTC at a moment, in milliseconds. */
function offset(zone: string, at: number): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23',
    year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
  }).formatToParts(at)
  const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((each) => each.type === type)?.value)
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) - at
}

/**
 * The moment at which a clock in this zone shows this. Null when none does, because the clocks were put forward over it; the
 * earlier one when two do, because they were put back. (Temporal's "earlier", but for the gap, which is not guessed at.)
 */
export function momentOf(wall: WallTime, zone: string): Date | null {
  const utc = asUTC(wall)
  if (Number.isNaN(utc)) return null
  // Whatever the clocks did around then, one of the offsets a day before and a day after holds.
  const moments = [utc - offset(zone, utc - day), utc - offset(zone, utc + day)].toSorted((a, b) => a - b)
  const moment = moments.find((each) => each + offset(zone, each) === utc)
  return moment === undefined ? null : new Date(moment)
}

/** The time zone this browser is set to. */
export function browserZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone
}

/** Every zone one can choose, this browser's own among them. */
export function zones(): string[] {
  return [...new Set(['UTC', browserZone(), ...Intl.supportedValuesOf('timeZone')])].toSorted()
}
