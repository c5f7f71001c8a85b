import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import { sampleEvent } from './samples.testing'
import { SaleBadge } from './ticket-badge'

afterEach(cleanup)

const event = sampleEvent([{ name: 'General', remaining: 60 }])

describe("the badge of an event's sale", () => {
  it.each([
    ['says what is left while it goes on', event, '60 of 100 left', 'plenty'],
    ['says that it has ended once it is closed, whatever is left', { ...event, closed: true }, 'Sales have ended', 'none'],
    ['says that it has ended once the event has started', { ...event, date: '2001-01-01T00:00:00Z' }, 'Sales have ended', 'none'],
    ['says that everything is sold', { ...event, remainingTickets: 0 }, 'Sold Out', 'none'],
    ['says rather that it has ended than that everything is sold', { ...event, remainingTickets: 0, closed: true }, 'Sales have ended', 'none'],
  ])('%s', (_, shown, words, level) => {
    const { container } = render(<SaleBadge event={shown} />)
    expect(screen.getByText((_words, element) => element?.parentElement === container).textContent).toBe(words)
    expect(container.firstElementChild?.getAttribute('data-level')).toBe(level)
  })
})
