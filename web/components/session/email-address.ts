import * as z from '@/lib/zod'

/** What looks like an e-mail address. Whether it is one is for the API to say, whose rules are finer. */
export const emailAddress = z.string().check(
  z.trim(),
  z.minLength(1, 'Enter your email address.'),
  z.regex(/^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/, 'Enter an email address like name@example.com.'),
)
