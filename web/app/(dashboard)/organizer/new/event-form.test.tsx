import { cleanup, createEvent, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import { Unreachable } from '@/lib/problem'
import { EventForm } from './event-form'

const { push, publish } = vi.hoisted(() => ({ push: vi.fn(), publish: vi.fn() }))
vi.mock('next/navigation', () => ({ useRouter: () => ({ push }) }))
vi.mock('./publish', () => ({ publish }))
afterEach(() => {
  cleanup()
  push.mockReset()
  publish.mockReset()
})

async function fillIn() {
  render(<EventForm />)
  await userEvent.type(screen.getByLabelText('Title'), 'Gig')
  await userEvent.type(screen.getByLabelText('Price (USD)'), '5')
  await userEvent.type(screen.getByLabelText('Seats'), '20')
}

const button = () => screen.getByRole('button', { name: /Publish/ })

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

it('publishes once, however often its button is pressed, until the page of the event is there', async () => {
  await fillIn()
  const asked: ((event: { id: string; title: string }) => void)[] = []
  publish.mockReturnValue(new Promise((resolve) => void asked.push(resolve)))
  await userEvent.dblClick(button())
  asked[0]?.({ id: 'e', title: 'Gig' })
  await waitFor(() => expect(push).toHaveBeenCalledWith('/organizer/sale?event=e'))
  await userEvent.click(button())
  expect(publish).toHaveBeenCalledOnce()
  expect(button().getAttribute('aria-busy')).toBe('true')
})

it('says that publishing again is safe when nobody knows whether it is on sale, and lets one', async () => {
  await fillIn()
  publish.mockRejectedValueOnce(new Unreachable()).mockResolvedValueOnce({ id: 'e', title: 'Gig' })
  await userEvent.click(button())
  expect((await screen.findByRole('alert')).textContent).toContain('unchanged, it stays one event')
  await userEvent.click(button())
  await waitFor(() => expect(push).toHaveBeenCalledOnce())
  expect(publish.mock.calls[1]).toEqual(publish.mock.calls[0])
})
