import { Refused, SignedOut } from './problem'
import type { Tokens } from './tokens'

const shortest = 1_000
const longest = 15_000

/**
 * Renews the token before it is over, for as long as somebody looks at the page, and tries again for as long as the server
 * does not answer. Timers sleep when computers do, so it also looks whenever the page is shown or the network comes back.
 * A hidden page renews when it next needs a token. Runs until the session is out, and again from the next `check`.
 */
export function keepFresh(tokens: Tokens, failed: (error: unknown) => void): { check: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined
  let failures = 0
  let over = true

  async function check(): Promise<void> {
    over = false
    clearTimeout(timer)
    try {
      await tokens.access()
      const left = tokens.due - Date.now()
      again(left > 0 ? left : pause(failures++)) // not renewed, but good for a moment more
    } catch (error) {
      if (error instanceof SignedOut) return
      failed(error)
      again(pause(failures++, error))
    }
  }

  function again(wait: number): void {
    clearTimeout(timer)
    if (!over) timer = setTimeout(look, wait)
  }

  function look(): void {
    if (!over && document.visibilityState === 'visible') void check()
  }

  document.addEventListener('visibilitychange', look)
  window.addEventListener('focus', look)
  window.addEventListener('online', look)
  tokens.watch(({ to }) => {
    if (to !== 'out') {
      over = false
      failures = 0
      again(tokens.due - Date.now())
      return
    }
    over = true
    clearTimeout(timer)
  })
  return { check: () => void check() }
}

/** How long to wait after so many failures, in ms. Equal jitter: at least half of a wait that doubles, so that not everybody comes back at once. */
export function pause(failures: number, error?: unknown): number {
  if (error instanceof Refused && error.retryAfter !== undefined) return error.retryAfter * 1000 * (1 + Math.random() / 2)
  const wait = Math.min(longest, shortest * 2 ** failures)
  return wait / 2 + (Math.random() * wait) / 2
}
