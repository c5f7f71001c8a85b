import { describe, expect, test } from 'vitest'
import { eventDraft, fieldOf, requestOf, type EventDraft } from './event-draft'

const section = { name: 'Floor', price: '49.90', capacity: '100' }
const draft: EventDraft = {
  title: 'Gig', description: '', venue: '', date: '2131-03-15T20:00', timeZone: 'Europe/Berlin', currency: 'EUR', sections: [section],
}

/** What is wrong, as "path: message". */
function wrong(changes: Partial<EventDraft>): string[] {
  const checked = eventDraft.safeParse({ ...draft, ...changes })
  return checked.success ? [] : checked.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
}

describe('a draft', () => {
  test.each<[string, Partial<EventDraft>, string[]]>([
    ['that is complete is fine', {}, []],
    ['may have no date', { date: '' }, []],
    ['needs a title', { title: '  ' }, ['title: Give the event a title.']],
    ['may have a title of 200 characters, emoji or not', { title: '🎟'.repeat(200) }, []],
    ['may not have one of 201', { title: 'a'.repeat(201) }, ['title: Use at most 200 characters.']],
    ['may not be over already', { date: '2001-01-01T10:00' }, ['date: Choose a time in the future.']],
    ['may not start when the clocks jump', { date: '2131-03-25T02:30' }, ['date: The clocks are put forward over this time: choose an earlier or a later one.']],
    ['may be free', { sections: [{ ...section, price: '0' }] }, []],
    ['needs a price that is a number', { sections: [{ ...section, price: '1,50' }] }, ['sections.0.price: Use a number such as 49.90.']],
    ['has no more decimals than its currency', { sections: [{ ...section, price: '1.505' }] }, ['sections.0.price: EUR has at most 2 decimals.']],
    ['in yen has none', { currency: 'JPY', sections: [{ ...section, price: '150.5' }] }, ['sections.0.price: JPY has no decimals.']],
    ['in dinars may have three', { currency: 'KWD', sections: [{ ...section, price: '1.505' }] }, []],
    ['has a price below ten thousand million', { sections: [{ ...section, price: '10000000000.01' }] }, ['sections.0.price: Too much for one ticket.']],
    ['needs whole seats', { sections: [{ ...section, capacity: '1.5' }] }, ['sections.0.capacity: Use a whole number, 1 to 1,000,000.']],
    ['needs at least one seat', { sections: [{ ...section, capacity: '0' }] }, ['sections.0.capacity: Use a whole number, 1 to 1,000,000.']],
    ['has at most a million seats in a section', { sections: [{ ...section, capacity: '1000001' }] }, ['sections.0.capacity: Use a whole number, 1 to 1,000,000.']],
    ['has sections of different names', { sections: [section, { ...section, name: 'floor ' }] }, ['sections.1.name: Another section has this name.']],
    [
      'tells everything at once',
      { title: '', sections: [{ name: '', price: 'x', capacity: '' }] },
      ['title: Give the event a title.', 'sections.0.name: Name this section.', 'sections.0.capacity: Enter the seats.', 'sections.0.price: Use a number such as 49.90.'],
    ],
  ])('%s', (_, changes, problems) => {
    expect(wrong(changes)).toEqual(problems)
  })
})

test('the API is asked for the moment that the wall clock means, with the zone', () => {
  expect(requestOf(draft)).toEqual({
    title: 'Gig', description: '', venue: '', currency: 'EUR', date: '2131-03-15T19:00:00.000Z', timeZone: 'Europe/Berlin',
    sections: [{ name: 'Floor', price: 49.9, capacity: 100 }],
  })
})

test('without a date there is no zone either', () => {
  expect(requestOf({ ...draft, date: '' })).not.toHaveProperty('timeZone')
})

test.each([
  ['title', 'title'],
  ['sections', 'sections'],
  ['sections[12].price', 'sections.12.price'],
  ['sections[0].remaining', null],
  ['organizer', null],
])('the API says %s, the form has %s', (name, field) => {
  expect(fieldOf(name)).toBe(field)
})
