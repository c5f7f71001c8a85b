import { act, cleanup, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { useSession } from '@/store/session'
import { SignedIn } from './signed-in'

const router = vi.hoisted(() => ({ replace: vi.fn() }))
vi.mock('next/navigation', () => ({ useRouter: () => router }))

beforeEach(() => router.replace.mockReset())
afterEach(cleanup)

const leave = (leaving: 'asking' | 'untold' | false) => act(() => useSession.setState({ status: 'out', user: null, ended: 'chosen', leaving }))

describe('whoever has logged out', () => {
  it('is led to the log-in page once the server has answered', () => {
    useSession.setState({ status: 'in' })
    render(<SignedIn>My page</SignedIn>)
    leave('asking')
    expect(screen.queryByText('My page')).toBeNull()
    expect(router.replace).not.toHaveBeenCalled()
    leave(false)
    expect(router.replace).toHaveBeenCalledExactlyOnceWith('/login')
  })

  it('waits here while the server cannot be reached, and goes on by itself', () => {
    useSession.setState({ status: 'in' })
    render(<SignedIn>My page</SignedIn>)
    leave('untold')
    expect(screen.getByText('You are logged out')).toBeDefined()
    expect(screen.getByText(/The server cannot be reached/)).toBeDefined()
    expect(router.replace).not.toHaveBeenCalled()
    leave(false)
    expect(router.replace).toHaveBeenCalledExactlyOnceWith('/login')
  })
})
