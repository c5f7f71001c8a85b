import { describe, expect, it } from 'vitest'
import { calendarDay, formatDate, formatDateTime, formatMoney, formatNumber, formatTime, localTime, zoneCity } from './format'

const utc = { timeZone: 'UTC' }

describe('dates', () => {
  it('has the words of the requirement', () => {
    expect(formatDateTime('2025-03-15T10:00:00Z', utc)).toBe('March 15, 2025 at 10:00 AM')
  })
  it('has plain spaces only', () => {
    expect(formatTime('2025-03-15T22:05:00Z', utc)).toMatch(/^10:05 PM$/)
  })
  it('is on the day of the zone that is named', () => {
    expect(formatDate('2025-03-15T23:30:00Z', { timeZone: 'Asia/Tokyo' })).toBe('March 16, 2025')
  })
  it('makes the three parts of a tile', () => {
    expect(calendarDay('2025-03-05T10:00:00Z', utc)).toEqual({ month: 'MAR', day: '5', weekday: 'Wed' })
  })
})

describe("the clock where the event is", () => {
  const evening = '2025-01-15T19:00:00Z'
  it('is told with its city and offset', () => {
    expect(localTime(evening, 'Europe/Berlin', { timeZone: 'Europe/London' })).toBe('8:00 PM in Berlin (GMT+1)')
  })
  it('follows daylight saving', () => {
    expect(localTime('2025-07-15T19:00:00Z', 'Europe/Berlin', { timeZone: 'UTC' })).toBe('9:00 PM in Berlin (GMT+2)')
  })
  it('has the day where it is another one', () => {
    expect(localTime('2025-03-15T23:30:00Z', 'Asia/Tokyo', utc)).toBe('March 16 at 8:30 AM in Tokyo (GMT+9)')
  })
  it('is not repeated where it shows what the reader sees', () => {
    expect(localTime(evening, 'Europe/Paris', { timeZone: 'Europe/Berlin' })).toBeNull()
  })
  it('is left out for a zone nobody knows', () => {
    expect(localTime(evening, 'Mars/Olympus_Mons', utc)).toBeNull()
  })
  it.each([
    ['America/Argentina/Buenos_Aires', 'Buenos Aires'],
    ['UTC', 'UTC'],
  ])('names the place of %s', (zone, city) => expect(zoneCity(zone)).toBe(city))
})

describe('money and numbers', () => {
  it.each([
    [49.99, 'USD', '$49.99'],
    [1049, 'EUR', '€1,049.00'],
    [18000, 'JPY', '¥18,000'],
    [1.5, 'KWD', 'KWD 1.500'],
    [502.5, 'HUF', 'HUF 502.50'],
    [1.2345, 'CLF', 'CLF 1.2345'],
    [5, 'XTS', 'XTS 5.00'],
    [0, 'EUR', '€0.00'],
  ])('writes %d %s as %s', (amount, currency, words) => expect(formatMoney(amount, currency)).toBe(words))

  it('groups thousands', () => expect(formatNumber(1100)).toBe('1,100'))
})
