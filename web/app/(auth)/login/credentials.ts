import { emailAddress } from '@/components/session/email-address'
import * as z from '@/lib/zod'

/** What the log-in form asks for before it asks the API. */
export const credentials = z.object({
  email: emailAddress,
  password: z.string().check(z.minLength(1, 'Enter your password.')),
})

export type Credentials = z.infer<typeof credentials>
