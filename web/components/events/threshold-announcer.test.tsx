import { act, cleanup, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { useCatalog } from '@/store/catalog'
import { eventId, sampleEvent } from './samples.testing'
import { ThresholdAnnouncer } from './threshold-announcer'

const left = (remaining: number) => useCatalog.setState({ events: { [eventId]: sampleEvent([{ name: 'General', remaining }]) } })

/** What is announced at each of these counts. */
function announced(...counts: number[]): string[] {
  return counts.map((count) => {
    act(() => left(count))
    return screen.getByRole('status').textContent
  })
}

beforeEach(() => useCatalog.setState({ events: {} }))
afterEach(cleanup)

it('says each threshold once and nothing between', () => {
  left(80)
  render(<ThresholdAnnouncer id={eventId} />)
  const half = 'Half of the tickets for Gig are gone.'
  expect(announced(80, 51, 50, 49, 48)).toEqual(['', '', half, half, half])
  expect(announced(10, 5, 0)).toEqual(['Only a tenth of the tickets for Gig is left.', 'The last few tickets for Gig are left.', 'Gig is sold out.'])
})

it('does not say again what it has said when tickets come back and go', () => {
  left(60)
  render(<ThresholdAnnouncer id={eventId} />)
  const [first, ...later] = announced(50, 51, 50, 52, 49)
  expect(later).toEqual([first, first, first, first])
})

it('says nothing of what had been passed before', () => {
  left(7)
  render(<ThresholdAnnouncer id={eventId} />)
  expect(announced(7, 6, 7)).toEqual(['', '', ''])
})

it('says that sales have ended, once, and no threshold after that', () => {
  const general = sampleEvent([{ name: 'General', remaining: 60 }])
  const show = (event: typeof general) => act(() => useCatalog.setState({ events: { [eventId]: event } }))
  show(general)
  render(<ThresholdAnnouncer id={eventId} />)
  show({ ...general, closed: true })
  expect(screen.getByRole('status').textContent).toBe('Sales of tickets for Gig have ended.')
  show({ ...general, closed: true, remainingTickets: 0 })
  expect(screen.getByRole('status').textContent).toBe('Sales of tickets for Gig have ended.')
})

it('says nothing of sales that had ended before', () => {
  useCatalog.setState({ events: { [eventId]: sampleEvent([{ name: 'General', remaining: 60 }], { closed: true }) } })
  render(<ThresholdAnnouncer id={eventId} />)
  expect(screen.getByRole('status').textContent).toBe('')
})

it('is silent for an event that is not known', () => {
  render(<ThresholdAnnouncer id={eventId} />)
  expect(screen.queryByRole('status')).toBeNull()
})
