import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { eventId, sampleEvent } from '@/components/events/samples.testing'
import { useCatalog } from '@/store/catalog'
import { EventRow } from './event-row'

afterEach(cleanup)

const event = sampleEvent([{ name: 'General', remaining: 60 }])

it.each([
  ['an event on sale has no mark', event, 0],
  ['an event whose sales are closed is marked, and keeps its numbers', { ...event, closed: true }, 1],
])('%s', (_, shown, marks) => {
  useCatalog.setState({ events: { [eventId]: shown } })
  render(<EventRow id={eventId} />)
  expect(screen.queryAllByText('Closed')).toHaveLength(marks)
  expect(screen.getByRole('listitem').textContent).toContain('40 of 100 taken')
})
