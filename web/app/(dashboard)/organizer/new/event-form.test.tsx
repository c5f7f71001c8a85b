import { cleanup, createEvent, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { EventForm } from './event-form'

vi.mock('next/navigation', () => ({ useRouter: () => ({ push: vi.fn() }) }))
afterEach(cleanup)

it.each(['Add a section', 'Remove section 1', 'Publish'])('pressing %s leaves the focus where it is, so that what a field says does not move it away', (name) => {
  render(<EventForm />)
  const press = createEvent.mouseDown(screen.getByRole('button', { name }))
  fireEvent(screen.getByRole('button', { name }), press)
  expect(press.defaultPrevented).toBe(true)
})

it('pressing a field takes the focus', () => {
  render(<EventForm />)
  const press = createEvent.mouseDown(screen.getByLabelText('Title'))
  fireEvent(screen.getByLabelText('Title'), press)
  expect(press.defaultPrevented).toBe(false)
})
