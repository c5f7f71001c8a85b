import { create } from 'zustand'
import { api, tokens } from '@/lib/api'
import { keepFresh, pause } from '@/lib/keep-fresh'
import type { components } from '@/lib/openapi.gen'
import { Refused, Unreachable, answer } from '@/lib/problem'
import { clearHint, getHint, setHint } from '@/lib/session-hint'
import type { Ending, User } from '@/lib/tokens'

export type { User }

type SessionState = {
  /** `unknown` until the cookie has been traded for a token, which waits for a server that does not answer. */
  status: 'unknown' | 'in' | 'out'
  user: User | null
  /** Why it is unknown still, while it is tried again; null at other times. */
  trouble: unknown
  /** How the session of this page ended; null before. */
  ended: Ending | null
  /** Whether the server is being told of a log-out here, or could not be reached for that and is told later. */
  leaving: false | 'asking' | 'untold'
  /** Both throw Refused or Unreachable, and change nothing then. */
  logIn: (credentials: components['schemas']['Credentials']) => Promise<void>
  register: (registration: components['schemas']['Registration']) => Promise<void>
  /**
   * Ends the session in every tab at once. False: the server could not be told, so that the cookie is good still. Scripts
   * cannot remove it; the server is told as soon as it can be reached, and until then nothing here uses the cookie.
   */
  logOut: () => Promise<boolean>
  /** Finds out who is logged in. Asks nobody when nobody can be. Also the way to try again at once. */
  restore: () => void
}

/** Who is logged in. */
export const useSession = create<SessionState>()((_, get) => ({
  status: 'unknown',
  user: null,
  trouble: null,
  ended: null,
  leaving: false,
  logIn: (credentials) => tokens.begin(() => answer(api.POST('/auth/login', { body: credentials }))),
  register: (registration) => tokens.begin(() => answer(api.POST('/auth/register', { body: registration }))),
  logOut: () => {
    setHint('leaving')
    useSession.setState({ leaving: 'asking' })
    tokens.end()
    return giveBack()
  },
  restore: () => {
    if (get().status !== 'unknown') return
    if (getHint() === 'in') return upkeep().check()
    tokens.none()
    if (getHint() === 'leaving') void giveBack()
  },
}))

/**
 * A token that is good for a while, for what is no call of `api`; another one than what was `refused`. Throws SignedOut,
 * Unreachable or Refused.
 */
export function accessToken(refused?: string): Promise<string> {
  return refused === undefined ? tokens.access() : tokens.instead(refused)
}

const forgetting = new Set<() => void>()

/** Has `forget` called whenever what belongs to one user must be gone, before anything shows it to another. */
export function onSignedOut(forget: () => void): () => void {
  forgetting.add(forget)
  return () => forgetting.delete(forget)
}

let keeper: ReturnType<typeof keepFresh> | undefined

/** One for the page's life, and none where pages are prerendered. */
function upkeep(): ReturnType<typeof keepFresh> {
  if (keeper) return keeper
  window.addEventListener('pageshow', ({ persisted }) => {
    // Back from the browser's memory, where it heard nothing of a log-out.
    if (persisted && useSession.getState().status === 'in' && getHint() !== 'in') location.reload()
  })
  keeper = keepFresh(tokens, (trouble) => useSession.getState().status === 'unknown' && useSession.setState({ trouble }))
  return keeper
}

/** After so many ms without an answer the server counts as not reached. It is listened to all the same. */
const slow = 2_000

/** Has the server end the session that the cookie stands for. False: it could not be told, and will be. */
async function giveBack(failures = 0): Promise<boolean> {
  const untold = setTimeout(() => useSession.getState().leaving && useSession.setState({ leaving: 'untold' }), slow)
  try {
    await tokens.alone(async () => {
      if (getHint() !== 'in') await answer(api.POST('/auth/logout', { keepalive: true })) // or somebody has logged in since
    })
  } catch (error) {
    const nothingToEnd = error instanceof Refused && error.status === 401
    if (!nothingToEnd) {
      useSession.setState({ leaving: error instanceof Unreachable && 'untold' })
      tellLater(failures, error)
      return false
    }
  } finally {
    clearTimeout(untold)
  }
  useSession.setState({ leaving: false })
  if (getHint() === 'leaving') clearHint()
  return true
}

/** Tries again soon, or once the network is back, unless it has been told by another tab or somebody has logged in. */
function tellLater(failures: number, error: unknown): void {
  const again = () => {
    clearTimeout(timer)
    window.removeEventListener('online', again)
    if (getHint() === 'leaving') void giveBack(failures + 1)
    else useSession.setState({ leaving: false })
  }
  const timer = setTimeout(again, pause(failures, error))
  window.addEventListener('online', again)
}

tokens.watch((change) => {
  if (change.to !== 'in') for (const forget of forgetting) forget()
  switch (change.to) {
    case 'in':
      setHint('in')
      upkeep()
      return useSession.setState({ status: 'in', user: change.user, trouble: null, ended: null, leaving: false })
    case 'other':
      return location.reload() // what is on the screen was the other user's
    case 'out':
      if (getHint() === 'in') clearHint() // 'leaving' stays until the server has been told
      return useSession.setState({ status: 'out', user: null, trouble: null, ended: change.why })
  }
})
