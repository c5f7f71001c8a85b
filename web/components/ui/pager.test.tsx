import { cleanup, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import { Pager } from './pager'

afterEach(cleanup)

it('is not there where there is one page only', () => {
  const { container } = render(<Pager label="Pages" page={1} totalPages={1} onTurn={vi.fn()} />)
  expect(container.childElementCount).toBe(0)
})

it('turns to the page before and after', async () => {
  const turn = vi.fn()
  render(<Pager label="Pages" page={2} totalPages={3} onTurn={turn} />)
  await userEvent.click(screen.getByRole('button', { name: 'Previous' }))
  await userEvent.click(screen.getByRole('button', { name: 'Next' }))
  expect(turn.mock.calls).toEqual([[1], [3]])
})

it('has links where pages have addresses, and none beyond the last', () => {
  render(<Pager label="Pages" page={3} totalPages={3} hrefOf={(page) => `/list?page=${page}`} onTurn={vi.fn()} />)
  expect(screen.getByRole('link', { name: 'Previous' }).getAttribute('href')).toBe('/list?page=2')
  expect(screen.queryByRole('link', { name: 'Next' })).toBeNull()
  expect(screen.getByRole('button', { name: 'Next' })).toHaveProperty('disabled', true)
})
