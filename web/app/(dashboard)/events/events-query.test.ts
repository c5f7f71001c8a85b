import { describe, expect, it } from 'vitest'
import { eventsHref, readEvent, readQuery, sorts } from './events-query'

const usual = { page: 1, search: '', sortBy: 'date', sortOrder: 'asc' } as const
const read = (address: string) => readQuery(new URLSearchParams(address))

describe('what an address asks for', () => {
  it.each([
    ['nothing', '', usual],
    ['everything', 'search=jazz+night&sortBy=price&sortOrder=desc&page=3', { page: 3, search: 'jazz night', sortBy: 'price', sortOrder: 'desc' }],
    ['a page that is no number', 'page=two', usual],
    ['page zero', 'page=0', usual],
    ['a page before the first', 'page=-4', usual],
    ['half a page', 'page=1.5', usual],
    ['a page in scientific notation', 'page=1e3', usual],
    ['a page too long to be one', 'page=99999999999999999999', usual],
    ['an order that does not exist', 'sortBy=popularity&sortOrder=desc', usual],
    ['a direction that does not exist', 'sortBy=title&sortOrder=up', usual],
    ['a sort without direction', 'sortBy=title', { ...usual, sortBy: 'title' }],
    ['a search of spaces', 'search=%20%20', usual],
    ['a search with control characters', 'search=jazz%00%0Anight%7F', { ...usual, search: 'jazz night' }],
    ['a search with space around it', 'search=+jazz+', { ...usual, search: 'jazz' }],
  ])('%s', (_, address, query) => expect(read(address)).toEqual(query))

  it('cuts a search to what the API takes, between characters', () => {
    expect(Array.from(read(`search=${encodeURIComponent('🎻'.repeat(150))}`).search)).toHaveLength(100)
  })
})

describe('the event of an address', () => {
  const id = '01900000-0000-7000-8000-000000000001'
  it.each([
    ['', null],
    ['event=', null],
    [`event=${id}`, id],
    [`event=${id.toUpperCase()}`, id],
    ['event=../admin', 'unknown'],
    [`event=${id}0`, 'unknown'],
  ])('%j is %j', (address, event) => expect(readEvent(new URLSearchParams(address))).toBe(event))
})

describe('the address of a list', () => {
  it('leaves out what is as by default', () => expect(eventsHref(usual)).toBe('/events'))

  it('has the event that is open over it', () => {
    expect(eventsHref({ ...usual, page: 2 }, 'abc')).toBe('/events?page=2&event=abc')
  })

  it('is read back as what it was made from', () => {
    for (const { sortBy, sortOrder } of sorts) {
      for (const search of ['', 'jazz & more', '50% off?', 'a=b#c', 'Ünïcödé 🎻']) {
        for (const page of [1, 2, 40]) {
          const query = { page, search, sortBy, sortOrder }
          expect(read(eventsHref(query).slice('/events?'.length))).toEqual(query)
        }
      }
    }
  })
})
