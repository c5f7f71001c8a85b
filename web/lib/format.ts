// Dates, money and numbers in the words of the product: American English, whatever the browser speaks. Times are those of
// the reader's own clock unless a zone is named. All of it is Intl; formatters are made once for each shape and kept, for
// making one costs more than using it a hundred times.

import { decimals } from './money'

const locale = 'en-US'

type Zone = { /** IANA name; the reader's own when absent. */ timeZone?: string }

/** "March 15, 2025 at 10:00 AM" */
export function formatDateTime(iso: string, zone: Zone = {}): string {
  return `${formatDate(iso, zone)} at ${formatTime(iso, zone)}`
}

/** "March 15, 2025" */
export function formatDate(iso: string, { timeZone }: Zone = {}): string {
  return dates({ dateStyle: 'long', timeZone }).format(new Date(iso))
}

/** "10:00 AM" */
export function formatTime(iso: string, { timeZone }: Zone = {}): string {
  return plain(dates({ timeStyle: 'short', timeZone }).format(new Date(iso)))
}

/** What a date tile shows: {month: "MAR", day: "15", weekday: "Sat"}. */
export function calendarDay(iso: string, { timeZone }: Zone = {}): { month: string; day: string; weekday: string } {
  const at = new Date(iso)
  return {
    month: dates({ month: 'short', timeZone }).format(at).toUpperCase(),
    day: dates({ day: 'numeric', timeZone }).format(at),
    weekday: dates({ weekday: 'short', timeZone }).format(at),
  }
}

/**
 * What the clock says where the event is: "8:00 PM in Berlin (GMT+1)", with the day where it is another one: "March 16 at
 * 1:00 AM in Berlin (GMT+1)". Null where that clock shows what the reader's shows, and for a zone this browser does not know.
 */
export function localTime(iso: string, timeZone: string, reader: Zone = {}): string | null {
  try {
    const there = { timeZone }
    if (formatDateTime(iso, there) === formatDateTime(iso, reader)) return null
    const at = new Date(iso)
    const offset = dates({ timeZone, hour: 'numeric', timeZoneName: 'shortOffset' }).formatToParts(at).find((part) => part.type === 'timeZoneName')
    const sameDay = formatDate(iso, there) === formatDate(iso, reader)
    const day = sameDay ? '' : `${dates({ month: 'long', day: 'numeric', timeZone }).format(at)} at `
    return `${day}${formatTime(iso, there)} in ${zoneCity(timeZone)} (${offset?.value ?? timeZone})`
  } catch {
    return null
  }
}

/** The place in a zone's name: "Buenos Aires" for America/Argentina/Buenos_Aires. */
export function zoneCity(timeZone: string): string {
  return timeZone.slice(timeZone.lastIndexOf('/') + 1).replaceAll('_', ' ')
}

/** "$1,049.99"; as many decimals as the currency has. A code that no currency has is shown as it is: "XTS 5.00". */
export function formatMoney(amount: number, currency: string): string {
  return plain(kept(moneys, currency, () => moneyFormat(currency)).format(amount))
}

function moneyFormat(currency: string): Intl.NumberFormat {
  const places = decimals(currency)
  return new Intl.NumberFormat(locale, { style: 'currency', currency, minimumFractionDigits: places, maximumFractionDigits: places })
}

/** "1,100" */
export function formatNumber(n: number): string {
  return numbers.format(n)
}

const numbers = new Intl.NumberFormat(locale)
const moneys = new Map<string, Intl.NumberFormat>()
const calendars = new Map<string, Intl.DateTimeFormat>()

function dates(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return kept(calendars, JSON.stringify(options), () => new Intl.DateTimeFormat(locale, options))
}

function kept<T>(formatters: Map<string, T>, key: string, make: () => T): T {
  const known = formatters.get(key)
  if (known) return known
  const made = make()
  formatters.set(key, made)
  return made
}

/** Some engines put a narrow or unbreakable space before AM and after a currency's code; the product's words have plain ones. */
function plain(text: string): string {
  return text.replaceAll(/[\u00a0\u202f]/g, ' ')
}
