import { cleanup, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Outcome } from '@/store/booking'
import type { Listing } from '@/store/catalog'
import { OrderOutcome, SectionGone } from './order-outcome'
import { sampleEvent } from './samples.testing'

afterEach(cleanup)

const three = sampleEvent([
  { name: 'VIP', price: 90, remaining: 5 },
  { name: 'Floor', price: 30, remaining: 0 },
  { name: 'Balcony', price: 25, remaining: 12 },
])
const one = sampleEvent([{ name: 'General', remaining: 0 }])

function show(event: Listing, section: string, outcome: Outcome) {
  const onTake = vi.fn()
  const onChoose = vi.fn()
  const chosen = event.sections.find(({ id }) => id === section)
  render(<OrderOutcome outcome={outcome} event={event} section={chosen} onTake={onTake} onChoose={onChoose} />)
  return { onTake, onChoose }
}

const buttons = () => screen.queryAllByRole('button').map((button) => button.textContent)

describe('a refusal in the sheet', () => {
  it('has the words of the requirement when the event is sold out', () => {
    show(one, 'General', { kind: 'sold-out' })
    expect(screen.getByRole('alert').textContent).toBe('Sorry, tickets for Gig are no longer available.')
  })

  it('does not call the event sold out when only a section is, and offers the others, the closest in price first', async () => {
    const { onChoose } = show(three, 'Floor', { kind: 'sold-out' })
    expect(screen.getByRole('alert').textContent).toContain('Sorry, Floor tickets for Gig are no longer available.')
    expect(buttons()).toEqual(['Balcony 12 tickets left', 'VIP 5 tickets left'])
    await userEvent.click(screen.getByRole('button', { name: /Balcony/ }))
    expect(onChoose).toHaveBeenCalledExactlyOnceWith('Balcony')
  })

  it('offers to take the fewer that are left', async () => {
    const { onTake } = show(sampleEvent([{ name: 'General', remaining: 2 }]), 'General', { kind: 'not-enough', remaining: 2 })
    await userEvent.click(screen.getByRole('button', { name: 'Take 2 instead' }))
    expect(onTake).toHaveBeenCalledExactlyOnceWith(2)
  })

  it('does not offer to take none', () => {
    show(one, 'General', { kind: 'not-enough', remaining: 0 })
    expect(buttons()).toEqual([])
  })

  it('names the section that has fewer', () => {
    show(three, 'VIP', { kind: 'not-enough', remaining: 5 })
    expect(screen.getByRole('alert').textContent).toContain('Only 5 tickets left for VIP.')
  })

  it.each<Outcome>([{ kind: 'already-booked' }, { kind: 'in-progress' }])('leads to my bookings: %j', (outcome) => {
    show(one, 'General', outcome)
    expect(screen.getByRole('link', { name: 'See my bookings' }).getAttribute('href')).toBe('/bookings')
  })
})

describe('a section that sells out while one looks', () => {
  it('offers the others', () => {
    render(<SectionGone event={three} section={three.sections[1] ?? expect.fail()} onChoose={vi.fn()} />)
    expect(screen.getByRole('status').textContent).toContain('Floor is sold out.')
    expect(buttons()).toHaveLength(2)
  })

  it('says so where nothing is left at all', () => {
    render(<SectionGone event={one} section={one.sections[0] ?? expect.fail()} onChoose={vi.fn()} />)
    expect(screen.getByRole('status').textContent).toContain('All tickets are taken.')
  })
})
