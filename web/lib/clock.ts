// What is on sale and for how long is decided by the server's clock. A device's may be wrong, so the difference is learned
// from the Date of the server's answers.

/** How far the server's clock is ahead of the device's, in ms; 0 until an answer tells otherwise. */
let ahead = 0

const followers = new Set<() => void>()

/** The server's time in ms since 1970, as far as its answers told; the device's before there was one. */
export function now(): number {
  return Date.now() + ahead
}

/**
 * Learns from an answer's `Date` header: the server wrote it between `sent` and `received`, by the device's clock in ms, and
 * left out what is less than a second. A clock that agrees with that is not moved, so that it does not jump about.
 */
export function hearDate(date: string | null, sent: number, received: number): void {
  const told = Date.parse(date ?? '')
  if (Number.isNaN(told)) return
  const corrected = Math.max(told - received, Math.min(told + 1000 - sent, ahead))
  if (corrected === ahead) return
  ahead = corrected
  for (const follower of followers) follower()
}

/** Calls `moved` whenever the clock is put right, until the returned function is called. */
export function followClock(moved: () => void): () => void {
  followers.add(moved)
  return () => followers.delete(moved)
}
