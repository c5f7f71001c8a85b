import { Refused, Unreachable } from './problem'

/** Where nobody knows what became of a request, it is sent again after these pauses in ms, give or take, but not for longer than `patience`. */
const pauses = [400, 800, 1200]
const patience = 15_000

/**
 * Asks until it is known what became of it, or until that has taken too long: whatever is asked must be one request all the while, under
 * one key. Nothing is asked any more once `session` is over. Throws what the last asking threw.
 */
export async function untilKnown<T>(ask: () => Promise<T>, session: AbortSignal): Promise<T> {
  const end = Date.now() + patience
  for (let unknown = 0; ; unknown++) {
    try {
      return await ask()
    } catch (error) {
      const pause = pauses[unknown]
      const mine = isUnknown(error) || (unknown > 0 && isRefusal(error, 'booking_in_progress'))
      if (!mine || pause === undefined || !navigator.onLine || Date.now() + pause > end || session.aborted) throw error
      await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random())))
      if (session.aborted) throw error // whoever is in by now asked for nothing
    }
  }
}

/** Whether what was asked for may have been done all the same. */
export function isUnknown(error: unknown): boolean {
  return error instanceof Unreachable || isRefusal(error, 'outcome_unknown') || isRefusal(error, 'timeout')
}

function isRefusal(error: unknown, code: Refused['problem']['code']): error is Refused {
  return error instanceof Refused && error.problem.code === code
}

/** A key for a request: 128 random bits. Made so that it works outside secure contexts too. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
