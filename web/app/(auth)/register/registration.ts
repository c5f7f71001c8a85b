import { emailAddress } from '@/components/session/email-address'
import * as z from '@/lib/zod'

/** The most bytes of a password that are kept apart from every other. */
const passwordBytes = 72

/** The registration form's rules, which are the API's, and that the password is typed twice alike. */
export const registration = z
  .object({
    name: z.string().check(
      z.trim(),
      z.minLength(1, 'Enter your name.'),
      z.refine((name) => length(name) >= 2, 'Use at least 2 characters.'),
      z.refine((name) => length(name) <= 100, 'Use at most 100 characters.'),
    ),
    email: emailAddress,
    password: z.string().check(
      z.minLength(1, 'Choose a password.'),
      z.refine((password) => length(password) >= 8, 'Use at least 8 characters.'),
      z.regex(/\p{L}/u, 'Use at least one letter.'),
      z.regex(/\p{N}/u, 'Use at least one number.'),
      z.refine((password) => new TextEncoder().encode(password).length <= passwordBytes, 'Use a shorter password.'),
    ),
    confirm: z.string().check(z.minLength(1, 'Type the password again.')),
  })
  .check(z.refine(({ password, confirm }) => password === confirm, { path: ['confirm'], error: 'The passwords do not match.', when: both }))

export type Registration = z.infer<typeof registration>

/** In characters, where one outside the basic plane is not two. */
function length(text: string): number {
  return Array.from(text).length
}

/** The two are compared as soon as both are there, whatever else is wrong. */
function both({ value }: { value: unknown }): boolean {
  return z.object({ password: z.string().check(z.minLength(1)), confirm: z.string().check(z.minLength(1)) }).safeParse(value).success
}
