import { cleanup, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { closeTabsAfterwards, loopback, problem, session } from '@/lib/loopback.testing'

beforeEach(() => {
  localStorage.clear()
  closeTabsAfterwards()
})
afterEach(cleanup)

/** A form as a new page has it, with an API that answers so. */
async function page(path: 'login' | 'register', answer: Parameters<typeof loopback>[0]) {
  const server = await loopback(answer)
  vi.resetModules()
  vi.stubEnv('NEXT_PUBLIC_API_URL', server.url)
  const Form = path === 'login' ? (await import('./login/login-form')).LoginForm : (await import('./register/register-form')).RegisterForm
  render(<Form />)
  return { server, user: userEvent.setup() }
}

const field = (label: string) => screen.getByLabelText(label)
const nothing = () => ({ status: 500 })

async function logIn(answer: Parameters<typeof loopback>[0]) {
  const { server, user } = await page('login', answer)
  await user.type(field('Email'), 'user@example.com')
  await user.type(field('Password'), 'securePassword123{Enter}')
  return { server, user }
}

async function register(answer: Parameters<typeof loopback>[0]) {
  const { server, user } = await page('register', answer)
  await user.type(field('Name'), 'Demo User')
  await user.type(field('Email'), 'user@example.com')
  await user.type(field('Password'), 'securePassword123')
  await user.type(field('Confirm password'), 'securePassword123{Enter}')
  return server
}

describe('log-in', () => {
  test('says what is missing, goes to the first of it, and asks nobody', async () => {
    const { server, user } = await page('login', nothing)
    await user.click(screen.getByRole('button', { name: 'Log in' }))
    expect(await screen.findByText('Enter your email address.')).toBeTruthy()
    expect(screen.getByText('Enter your password.')).toBeTruthy()
    expect(document.activeElement).toBe(field('Email'))
    expect(field('Email').getAttribute('aria-invalid')).toBe('true')
    expect(server.calls()).toEqual([])
  })

  test('with wrong credentials says so, and goes to the password', async () => {
    await logIn(() => ({ status: 401, body: problem(401, 'invalid_credentials') }))
    expect((await screen.findByText('Invalid credentials')).closest('[role=alert]')).toBeTruthy()
    expect(document.activeElement).toBe(field('Password'))
  })

  test.each([
    ['too many were tried', { status: 429, headers: { 'Retry-After': '90' }, body: problem(429, 'too_many_attempts') }, 'Too many failed log-ins. Try again in 2 minutes.'],
    ['the server is busy', { status: 503, headers: { 'Retry-After': '1' }, body: problem(503, 'overloaded') }, 'It is very busy right now. Try again in 1 second.'],
    ['a proxy answers', { status: 502, body: 'Bad gateway' }, 'We cannot reach the server. Check your connection and try again.'],
  ])('when %s says so in words', async (_, told, words) => {
    await logIn(() => told)
    expect(await screen.findByText(words)).toBeTruthy()
    expect(screen.getByRole('button', { name: 'Log in' })).toBeTruthy()
  })

  test('is sent once, and shows that it is under way', async () => {
    const waiting: (() => void)[] = []
    const { server, user } = await logIn(async () => {
      await new Promise<void>((resolve) => waiting.push(resolve))
      return { body: session() }
    })
    const button = await screen.findByRole('button', { name: 'Logging in…' })
    expect(button.getAttribute('aria-busy')).toBe('true')
    await user.click(button)
    for (const answer of waiting) answer()
    await vi.waitFor(() => expect(localStorage.getItem('onsale:session')).toBe('in'))
    expect(screen.getByRole('button', { name: 'Logging in…' }), 'until the next page is there').toBeTruthy()
    expect(server.calls()).toEqual(['POST /auth/login'])
  })

  test('lets one look at the password', async () => {
    const { user } = await page('login', nothing)
    expect(field('Password').getAttribute('type')).toBe('password')
    await user.click(screen.getByRole('button', { name: 'Show password' }))
    expect(field('Password').getAttribute('type')).toBe('text')
    expect(screen.getByRole('button', { name: 'Show password', pressed: true })).toBeTruthy()
  })
})

describe('registration', () => {
  test('sends what the API takes, and nothing else', async () => {
    const server = await register(() => ({ status: 201, body: session() }))
    await vi.waitFor(() => expect(server.asked).toHaveLength(1))
    expect(JSON.parse(server.asked[0]?.body ?? '')).toEqual({ name: 'Demo User', email: 'user@example.com', password: 'securePassword123' })
  })

  test('with a taken address says so at the address', async () => {
    await register(() => ({ status: 409, body: problem(409, 'email_taken') }))
    expect(await screen.findByText('This email address is already registered.')).toBeTruthy()
    expect(document.activeElement).toBe(field('Email'))
  })

  test('that the API finds wrong says so at the field', async () => {
    const errors = [{ field: 'email', code: 'invalid' as const, problem: 'must be an e-mail address like name@example.com' }]
    await register(() => ({ status: 422, body: problem(422, 'invalid', { errors }) }))
    expect(await screen.findByText('It must be an e-mail address like name@example.com.')).toBeTruthy()
    expect(document.activeElement).toBe(field('Email'))
  })

  test('compares the passwords', async () => {
    const { server, user } = await page('register', nothing)
    await user.type(field('Password'), 'securePassword123')
    await user.type(field('Confirm password'), 'securePassword124')
    await user.click(screen.getByRole('button', { name: 'Create account' }))
    expect(await screen.findByText('The passwords do not match.')).toBeTruthy()
    expect(server.calls()).toEqual([])
  })
})
