import type { components } from './openapi.gen'

/** What the API says when it refuses (RFC 9457). */
export type Problem = components['schemas']['Problem']

/** The API said no. */
export class Refused extends Error {
  override name = 'Refused'

  constructor(
    readonly problem: Problem,
    readonly status: number,
    /** Seconds to wait before asking again, where the API said so. */
    readonly retryAfter?: number,
  ) {
    super(problem.title)
  }
}

/** There was no answer of the API's. Whether it did what it was asked for is unknown. */
export class Unreachable extends Error {
  override name = 'Unreachable'

  constructor(cause?: unknown) {
    super('The server cannot be reached', { cause })
  }
}

/** Nobody is logged in (any more). Nothing was asked of the API, or it refused before doing anything. */
export class SignedOut extends Error {
  override name = 'SignedOut'

  constructor() {
    super('Not logged in')
  }
}

type Result<T> = { data?: T; error?: unknown; response: Response }

/**
 * Waits for a call of `api` and returns what it answered. Throws Refused, Unreachable or SignedOut, and an AbortError when
 * the caller itself gave up.
 */
export async function answer<T>(call: Promise<Result<T>>): Promise<T> {
  let result: Result<T>
  try {
    result = await call
  } catch (error) {
    throw told(error) ? error : new Unreachable(error)
  }
  const { data, error, response } = result
  if (response.ok) return data as T // an answer without a body is one of type undefined
  if (!isProblem(error)) throw new Unreachable(error) // by something on the way, such as a proxy
  throw new Refused(error, response.status, seconds(response.headers.get('Retry-After')))
}

function told(error: unknown): boolean {
  if (error instanceof Refused || error instanceof Unreachable || error instanceof SignedOut) return true
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'AbortError'
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'code' in value && typeof value.code === 'string' && 'title' in value
}

function seconds(header: string | null): number | undefined {
  return header !== null && /^\d+$/.test(header) ? Number(header) : undefined
}

const within = new Intl.RelativeTimeFormat('en-US')

/** A wait in words: "in 1 second", "in 3 minutes". Minutes are rounded up: nobody is sent back too early. */
export function waitWords(wait: number): string {
  if (wait < 60) return within.format(Math.max(1, Math.ceil(wait)), 'second')
  if (wait < 3600) return within.format(Math.ceil(wait / 60), 'minute')
  return within.format(Math.ceil(wait / 3600), 'hour')
}

const words: Partial<Record<Problem['code'], string>> = {
  invalid_credentials: 'Invalid credentials',
  email_taken: 'This email address is already registered.',
  sold_out: 'There are no tickets left.',
  not_enough_tickets: 'There are not that many tickets left.',
  already_booked: 'You have already booked this event.',
  already_cancelled: 'This booking is already cancelled.',
  already_holding: 'You are holding tickets of this event already.',
  booking_in_progress: 'Your earlier request is still being paid for.',
  event_started: 'The event has started, so nothing is sold or cancelled any more.',
  hold_ended: 'The time for these tickets is over.',
  payment_declined: 'The payment was declined. Nothing was charged.',
  section_required: 'Choose a section first.',
  unknown_section: 'The event has no such section.',
  event_not_found: 'There is no such event.',
  booking_not_found: 'There is no such booking.',
  hold_not_found: 'These tickets are not held any more.',
  not_yours: 'This belongs to somebody else.',
  forbidden: 'This is for the organizer of the event only.',
  origin_not_allowed: 'This address of the dashboard is not known to the server.',
  outcome_unknown: 'The server could not tell yet whether it worked. Look before you try again.',
  timeout: 'That took too long, and it may have worked all the same. Look before you try again.',
}

/** What happened, in words for people. It never shows anything raw. */
export function explain(error: unknown): string {
  if (error instanceof SignedOut) return 'Your session has ended. Log in to go on.'
  if (error instanceof Unreachable) return 'We cannot reach the server. Check your connection and try again.'
  if (!(error instanceof Refused)) return 'This page had a problem of its own. Reload it and try again.'

  const { problem, status, retryAfter } = error
  const known = words[problem.code]
  if (known) return known
  const later = retryAfter === undefined ? 'in a moment' : waitWords(retryAfter)
  if (problem.code === 'too_many_attempts') return `Too many failed log-ins. Try again ${later}.`
  if (status === 429) return `That was a bit much at once. Try again ${later}.`
  if (status === 503) return `It is very busy right now. Try again ${later}.`
  if (status === 401) return 'Your session has ended. Log in to go on.'
  if (status >= 500) return 'The server had a problem of its own. Please try again.'
  const [field] = problem.errors ?? []
  return field ? `This cannot be taken: ${field.field} ${field.problem}.` : `This cannot be taken: ${problem.title}.`
}
