import { now } from '@/lib/clock'
import { decimals, minorUnits } from '@/lib/money'
import type { components } from '@/lib/openapi.gen'
import * as z from '@/lib/zod'
import { momentOf } from './wall-time'

// The limits are the API's, so that nothing is said twice or too late; what it refuses all the same comes back by field.
const maxCapacity = 1_000_000
const maxPrice = 1_000_000_000_000n // minor units
export const maxSections = 100

/** Text of at most so many characters, counted as the API counts them: an emoji is one. */
function text(longest: number) {
  return z.string().check(z.trim(), z.refine((value) => [...value].length <= longest, `Use at most ${longest} characters.`))
}

function words(longest: number, missing: string) {
  return text(longest).check(z.refine((value) => value !== '', missing))
}

const sectionDraft = z.object({
  name: words(100, 'Name this section.'),
  price: z.string().check(z.trim(), z.refine((value) => value !== '', 'Enter a price; 0 is free.')),
  capacity: z.string().check(
    z.trim(),
    z.refine((value) => value !== '', 'Enter the seats.'),
    z.refine((value) => value === '' || (/^\d{1,7}$/.test(value) && Number(value) >= 1 && Number(value) <= maxCapacity), 'Use a whole number, 1 to 1,000,000.'),
  ),
})

type Issue = { path: (string | number)[]; message: string; input: unknown }

/** What is wrong with a price in this currency; null when nothing is. What is empty has been said already. */
function priceProblem(price: string, currency: string): string | null {
  if (price === '') return null
  const minor = minorUnits(price, currency)
  if (minor !== null) return minor > maxPrice ? 'Too much for one ticket.' : null
  const places = decimals(currency)
  if (!/^\d{1,15}(\.\d*)?$/.test(price)) return `Use a number such as ${places === 0 ? '50' : '49.90'}.`
  return places === 0 ? `${currency} has no decimals.` : `${currency} has at most ${places} decimals.`
}

function dateProblem(date: string, timeZone: string, earliest: number): string | null {
  if (date === '') return null
  const moment = momentOf(date, timeZone)
  if (!moment) return 'The clocks are put forward over this time: choose an earlier or a later one.'
  return moment.getTime() <= earliest ? 'Choose a time in the future.' : null
}

function* problems(draft: EventDraft): Generator<Issue> {
  const when = dateProblem(draft.date, draft.timeZone, now())
  if (when) yield { path: ['date'], message: when, input: draft.date }
  const names = new Set<string>()
  for (const [i, { name, price }] of draft.sections.entries()) {
    const wrong = priceProblem(price, draft.currency)
    if (wrong) yield { path: ['sections', i, 'price'], message: wrong, input: price }
    const key = name.toLowerCase()
    if (name !== '' && names.has(key)) yield { path: ['sections', i, 'name'], message: 'Another section has this name.', input: name }
    names.add(key)
  }
}

/** What one fills in to put an event on sale: all of it text, as the fields have it. */
export const eventDraft = z
  .object({
    title: words(200, 'Give the event a title.'),
    description: text(5000),
    venue: text(200),
    date: z.string(),
    timeZone: z.string(),
    currency: z.string(),
    sections: z.array(sectionDraft),
  })
  .check(
    z.superRefine((draft, context) => {
      for (const issue of problems(draft)) context.addIssue({ code: 'custom', ...issue })
    }),
  )

export type EventDraft = {
  title: string
  description: string
  venue: string
  /** Wall-clock time in `timeZone`; empty: none. */
  date: string
  timeZone: string
  currency: string
  sections: { name: string; price: string; capacity: string }[]
}

/** What the API is asked for. The draft has been checked. */
export function requestOf(draft: EventDraft): components['schemas']['CreateEvent'] {
  const moment = draft.date === '' ? null : momentOf(draft.date, draft.timeZone)
  return {
    title: draft.title,
    description: draft.description,
    venue: draft.venue,
    currency: draft.currency,
    ...(moment && { date: moment.toISOString(), timeZone: draft.timeZone }),
    sections: draft.sections.map(({ name, price, capacity }) => ({ name, price: Number(price), capacity: Number(capacity) })),
  }
}

const fields = ['title', 'description', 'venue', 'date', 'timeZone', 'currency', 'sections'] as const
const sectionFields = ['name', 'price', 'capacity'] as const

/** The form's field that the API means by `title` or `sections[0].price`; null: one that the form does not have. */
export function fieldOf(name: string): (typeof fields)[number] | `sections.${number}.${(typeof sectionFields)[number]}` | null {
  const [, index, part] = /^sections\[(\d+)\]\.(\w+)$/.exec(name) ?? []
  const inSection = sectionFields.find((field) => field === part)
  if (inSection) return `sections.${Number(index)}.${inSection}`
  return fields.find((field) => field === name) ?? null
}
