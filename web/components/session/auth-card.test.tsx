import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { AuthCard } from './auth-card'

afterEach(cleanup)

describe('the log-in form', () => {
  it.each([true, false])('says that cookies are needed only where they are blocked: allowed %j', (allowed) => {
    vi.spyOn(navigator, 'cookieEnabled', 'get').mockReturnValue(allowed)
    render(<AuthCard title="Log in" text="" other={{ question: '', label: 'Register', path: '/register' }}>Form</AuthCard>)
    expect(screen.queryByText(/blocks cookies/) === null).toBe(allowed)
  })
})
