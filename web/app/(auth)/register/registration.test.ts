import { expect, test } from 'vitest'
import { registration } from './registration'

const good = { name: 'Demo User', email: 'user@example.com', password: 'securePassword123', confirm: 'securePassword123' }

/** What is said of each field. */
function said(change: Partial<typeof good>): Record<string, string> {
  const result = registration.safeParse({ ...good, ...change })
  const issues = result.success ? [] : result.error.issues
  return Object.fromEntries(issues.toReversed().map(({ path, message }) => [path.join('.'), message]))
}

const twice = (password: string) => ({ password, confirm: password })

test.each([
  ['everything is right', {}, {}],
  ['a name is missing', { name: '  ' }, { name: 'Enter your name.' }],
  ['a name has one letter', { name: ' A ' }, { name: 'Use at least 2 characters.' }],
  ['a name has one letter beyond the basic plane', { name: '𝒜' }, { name: 'Use at least 2 characters.' }],
  ['a name is very long', { name: 'a'.repeat(101) }, { name: 'Use at most 100 characters.' }],
  ['an address is missing', { email: '' }, { email: 'Enter your email address.' }],
  ['an address has no @', { email: 'user.example.com' }, { email: 'Enter an email address like name@example.com.' }],
  ['an address has no domain', { email: 'user@example' }, { email: 'Enter an email address like name@example.com.' }],
  ['an address has spaces around it', { email: ' user@example.com ' }, {}],
  ['a password is short', twice('abc1234'), { password: 'Use at least 8 characters.' }],
  ['a password has no letter', twice('12345678'), { password: 'Use at least one letter.' }],
  ['a password has no number', twice('abcdefgh'), { password: 'Use at least one number.' }],
  ['a password is in another script', twice('пароль١٢'), {}],
  ['a password is more than bcrypt reads', twice(`a1${'é'.repeat(36)}`), { password: 'Use a shorter password.' }],
  ['a password is typed once', { confirm: '' }, { confirm: 'Type the password again.' }],
  ['the passwords differ', { confirm: 'securePassword124' }, { confirm: 'The passwords do not match.' }],
  ['the passwords differ and the name is missing', { confirm: 'x', name: '' }, { confirm: 'The passwords do not match.', name: 'Enter your name.' }],
])('when %s', (_, change, problems) => expect(said(change)).toEqual(problems))
