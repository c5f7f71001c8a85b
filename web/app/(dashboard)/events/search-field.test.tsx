import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SearchField } from './search-field'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

function show(search = '') {
  const onSearch = vi.fn()
  const { rerender } = render(<SearchField search={search} onSearch={onSearch} />)
  const field = screen.getByRole<HTMLInputElement>('searchbox')
  return {
    onSearch,
    field,
    type: (text: string) => fireEvent.change(field, { target: { value: text } }),
    pass: (ms: number) => act(() => vi.advanceTimersByTime(ms)),
    /** The address says so now. */
    says: (next: string) => rerender(<SearchField search={next} onSearch={onSearch} />),
  }
}

describe('searching', () => {
  it('waits until typing has paused for 300 ms', () => {
    const { onSearch, type, pass } = show()
    type('j')
    pass(299)
    type('ja')
    pass(299)
    expect(onSearch).not.toHaveBeenCalled()
    pass(1)
    expect(onSearch).toHaveBeenCalledExactlyOnceWith('ja')
  })

  it('does not wait for Enter, and asks once', () => {
    const { onSearch, field, type, pass } = show()
    type('jazz')
    fireEvent.submit(field)
    pass(1000)
    expect(onSearch).toHaveBeenCalledExactlyOnceWith('jazz')
  })

  it('has no space around it', () => {
    const { onSearch, type, pass } = show()
    type('  jazz ')
    pass(300)
    expect(onSearch).toHaveBeenCalledExactlyOnceWith('jazz')
  })

  it('is cleared at once, and the cursor stays', () => {
    const { onSearch, field, type, pass } = show('jazz')
    type('jazzz')
    fireEvent.click(screen.getByRole('button', { name: 'Clear search' }))
    pass(1000)
    expect(onSearch).toHaveBeenCalledExactlyOnceWith('')
    expect(field.value).toBe('')
    expect(document.activeElement).toBe(field)
  })

  it('asks nobody after the field has gone', () => {
    const { onSearch, type, pass } = show()
    type('jazz')
    cleanup()
    pass(1000)
    expect(onSearch).not.toHaveBeenCalled()
  })
})

describe('the address', () => {
  it('is shown when it changes by itself', () => {
    const { field, says } = show('jazz')
    says('rock')
    expect(field.value).toBe('rock')
  })

  it('does not take back what was typed since it was asked for', () => {
    const { field, type, pass, says } = show()
    type('ja')
    pass(300)
    type('jazz')
    says('ja')
    expect(field.value).toBe('jazz')
  })
})

describe('"/"', () => {
  it('leads to the field', () => {
    const { field } = show()
    expect(fireEvent.keyDown(document.body, { key: '/' })).toBe(false)
    expect(document.activeElement).toBe(field)
  })

  it.each([{ ctrlKey: true }, { metaKey: true }, { altKey: true }])('is left alone with %j', (held) => {
    const { field } = show()
    fireEvent.keyDown(document.body, { key: '/', ...held })
    expect(document.activeElement).not.toBe(field)
  })

  it('is a letter like any other where one types', () => {
    show()
    const other = document.body.appendChild(document.createElement('textarea'))
    expect(fireEvent.keyDown(other, { key: '/' })).toBe(true)
    other.remove()
  })
})
