import { beforeEach, describe, expect, test, vi } from 'vitest'
import { clearHint, getHint, loginFor, safeNext, sessionGate, setHint } from './session-hint'

beforeEach(() => localStorage.clear())

/** Runs the gate's text as the head of the page at `path` would, and tells where it leads. */
function gate(path: string): string | null {
  const url = new URL(path, 'https://onsale.example')
  let to: string | null = null
  const page = { documentElement: { hidden: false } }
  const run = new Function('location', 'document', sessionGate)
  run({ origin: url.origin, pathname: url.pathname, search: url.search, replace: (next: string) => (to = next) }, page)
  expect(page.documentElement.hidden, 'nothing is painted of a page that is left').toBe(to !== null)
  return to
}

test('the hint survives the page and can be taken back', () => {
  expect(getHint()).toBeNull()
  setHint('in')
  expect(getHint()).toBe('in')
  setHint('leaving')
  expect(getHint()).toBe('leaving')
  clearHint()
  expect(getHint()).toBeNull()
})

test('a browser that lets nothing be stored has no hint', () => {
  vi.spyOn(Storage.prototype, 'getItem').mockImplementation(() => {
    throw new DOMException('denied', 'SecurityError')
  })
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('denied', 'SecurityError')
  })
  setHint('in')
  expect(getHint()).toBeNull()
  expect(gate('/events')).toBeNull()
})

describe('without a session', () => {
  test.each([
    ['/', '/login'],
    ['/events', loginFor('/events')],
    ['/events?event=1&page=2', loginFor('/events?event=1&page=2')],
    ['/events/', loginFor('/events/')],
    ['/events.html', loginFor('/events.html')],
    ['/bookings', loginFor('/bookings')],
    ['/organizer/sale?event=1', loginFor('/organizer/sale?event=1')],
    ['/login', null],
    ['/login?next=%2Fbookings', null],
    ['/register', null],
    ['/eventsandmore', null],
    ['/nowhere', null],
  ])('%s leads to %s', (path, to) => expect(gate(path)).toBe(to))

  test('one that is being left counts as none', () => {
    setHint('leaving')
    expect(gate('/events')).toBe(loginFor('/events'))
    expect(gate('/login')).toBeNull()
  })
})

describe('with a session', () => {
  beforeEach(() => setHint('in'))

  test.each([
    ['/', '/events'],
    ['/events', null],
    ['/organizer/new', null],
    ['/login', '/events'],
    ['/login.html', '/events'],
    ['/register?next=%2Forganizer', '/organizer'],
    ['/nowhere', null],
  ])('%s leads to %s', (path, to) => expect(gate(path)).toBe(to))
})

describe('after log-in one comes to a page of ours only', () => {
  test.each([
    ['/bookings', '/bookings'],
    ['/events?event=1#top', '/events?event=1'],
    ['/bookings/', '/bookings'],
    ['/organizer.html', '/organizer'],
    ['/organizer/new', '/organizer/new'],
    ['https://onsale.example/bookings?a=1', '/bookings?a=1'],
    ['/organizer/sale?event=1', '/organizer/sale?event=1'],
    [null, '/events'],
    ['', '/events'],
    ['//evil.example', '/events'],
    ['/\\evil.example', '/events'],
    ['/\t/evil.example', '/events'],
    ['/.//evil.example', '/events'],
    ['/events/..//evil.example', '/events'],
    ['/events/..//evil.example/bookings', '/events'],
    ['/events/../\\evil.example', '/events'],
    ['/events/%2e%2e//evil.example', '/events'],
    ['/bookings/../login', '/events'],
    ['/organizer/old', '/events'],
    ['https://[', '/events'],
    ['https://onsale.example@evil.example/events', '/events'],
    ['https://evil.example/events', '/events'],
    ['javascript:alert(1)//events', '/events'],
    ['bookings', '/bookings'],
    ['/login?next=/events', '/events'],
  ])('%j leads to %s', (next, to) => {
    expect(safeNext(next, 'https://onsale.example')).toBe(to)
    setHint('in')
    if (next !== null) expect(gate(`/login?next=${encodeURIComponent(next)}`), 'the gate says the same').toBe(to)
    expect(new URL(to, 'https://onsale.example').origin, 'and leads nowhere else').toBe('https://onsale.example')
  })
})
