import { describe, expect, test } from 'vitest'
import { momentOf, zones } from './wall-time'

const rows: [rule: string, wall: string, zone: string, moment: string | null][] = [
  ['winter in Berlin is an hour ahead', '2031-01-15T20:00', 'Europe/Berlin', '2031-01-15T19:00:00.000Z'],
  ['summer in Berlin is two hours ahead', '2031-07-15T20:00', 'Europe/Berlin', '2031-07-15T18:00:00.000Z'],
  ['the last minute before the clocks go forward', '2031-03-30T01:59', 'Europe/Berlin', '2031-03-30T00:59:00.000Z'],
  ['an hour that is skipped does not exist', '2031-03-30T02:30', 'Europe/Berlin', null],
  ['the first minute after the clocks went forward', '2031-03-30T03:00', 'Europe/Berlin', '2031-03-30T01:00:00.000Z'],
  ['of an hour that comes twice the first is meant', '2031-10-26T02:30', 'Europe/Berlin', '2031-10-26T00:30:00.000Z'],
  ['the hour after the one that comes twice', '2031-10-26T03:00', 'Europe/Berlin', '2031-10-26T02:00:00.000Z'],
  ['west of Greenwich, skipped', '2031-03-09T02:30', 'America/New_York', null],
  ['west of Greenwich, after', '2031-03-09T03:00', 'America/New_York', '2031-03-09T07:00:00.000Z'],
  ['west of Greenwich, twice', '2031-11-02T01:30', 'America/New_York', '2031-11-02T05:30:00.000Z'],
  ['the south puts its clocks forward in spring too', '2031-10-05T02:30', 'Australia/Sydney', null],
  ['clocks that move by half an hour', '2031-10-05T02:15', 'Australia/Lord_Howe', null],
  ['and where they move back by half an hour', '2031-04-06T01:45', 'Australia/Lord_Howe', '2031-04-05T14:45:00.000Z'],
  ['a zone of a quarter hour', '2031-06-01T12:00', 'Asia/Kathmandu', '2031-06-01T06:15:00.000Z'],
  ['a zone whose clocks change at midnight', '2022-09-11T00:30', 'America/Santiago', null],
  ['a day that was left out', '2011-12-30T12:00', 'Pacific/Apia', null],
  ['the date line', '2031-01-01T00:30', 'Pacific/Kiritimati', '2030-12-31T10:30:00.000Z'],
  ['UTC is itself', '2031-01-01T00:00', 'UTC', '2031-01-01T00:00:00.000Z'],
  ['a day that no month has', '2031-02-31T10:00', 'UTC', null],
  ['no time at all', 'tomorrow', 'UTC', null],
]

describe('momentOf', () => {
  test.each(rows)('%s', (_, wall, zone, moment) => {
    expect(momentOf(wall, zone)?.toISOString() ?? null).toBe(moment)
  })
})

test('UTC can be chosen, and nothing twice', () => {
  const all = zones()
  expect(all).toContain('UTC')
  expect(all).toContain('Europe/Berlin')
  expect(new Set(all).size).toBe(all.length)
})
