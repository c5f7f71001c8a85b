import type { components } from './openapi.gen'
import { Refused, SignedOut } from './problem'

export type User = components['schemas']['User']
/** Who is logged in, and the token to call with. A refresh token is never kept: browsers have it in a cookie. */
export type Session = Pick<components['schemas']['Session'], 'user' | 'accessToken'>

/** A token is renewed this many ms before it is over. */
const margin = 60_000

/**
 * What became of the session: somebody is in; another account is in than before; nobody is in: there was no session, it
 * was ended by its user, or it expired.
 */
export type Change = { to: 'in'; user: User } | { to: 'other'; user: User } | { to: 'out'; why: Ending }
export type Ending = 'none' | 'chosen' | 'expired'

/** Times are ms since 1970 by this machine's clock: the token is to be renewed after `due`, and no good after `until`. */
type Held = Session & { due: number; until: number }
type News = { kind: 'began' | 'renewed'; held: Held } | { kind: 'ended'; why: Ending }

/** What Tokens needs of the world; tests give it their own. */
export type World = {
  /** Trades the cookie for a new session. */
  refresh: () => Promise<Session>
  /** Absent outside secure contexts, and denied where cookies are blocked. Then tabs renew on their own, and the server forgives two at once. */
  locks?: Pick<LockManager, 'request'>
  channel?: BroadcastChannel
}

/**
 * The access token of this tab, in memory only, kept in step with the other tabs of this origin.
 *
 * Whatever changes the cookie goes one at a time, across tabs too. Who has renewed tells the others, and who waited for
 * that takes over what it is told instead of renewing again. Only the API's own refusal ends a session: a server that
 * is down, busy or unreachable does not.
 */
export class Tokens {
  #state: 'unknown' | 'in' | 'out' = 'unknown'
  #held: Held | null = null
  #renewal: Promise<string> | null = null
  readonly #world: World
  readonly #watchers = new Set<(change: Change) => void>()
  readonly #waiting = new Set<() => void>()
  #queue: Promise<unknown> = Promise.resolve()

  constructor(world: World) {
    this.#world = world
    world.channel?.addEventListener('message', (event: MessageEvent<News>) => this.#hear(event.data))
  }

  /** Tells of every change from now on, at once and in order. Returns what ends that. */
  watch(fn: (change: Change) => void): () => void {
    this.#watchers.add(fn)
    return () => this.#watchers.delete(fn)
  }

  /** When the token is to be renewed, in ms since 1970; 0 without one. */
  get due(): number {
    return this.#held?.due ?? 0
  }

  /** A token that is good for a while. Throws SignedOut, or why there is none just now. */
  async access(): Promise<string> {
    const held = this.#held
    if (held && Date.now() < held.due) return held.accessToken
    try {
      return await this.#renew()
    } catch (error) {
      if (held && held === this.#held && Date.now() < held.until) return held.accessToken
      throw error
    }
  }

  /** A token after the API refused `refused`. */
  async instead(refused: string): Promise<string> {
    if (this.#held && this.#held.accessToken !== refused) return this.#held.accessToken
    return this.#renew()
  }

  /** Begins a session by logging in or registering. */
  async begin(call: () => Promise<Session>): Promise<void> {
    await this.alone(async () => {
      this.#tell({ kind: 'began', held: this.#adopt(await call()) })
    })
  }

  /** Ends the session in every tab at once. The cookie is another matter. */
  end(): void {
    this.#out('chosen')
    this.#tell({ kind: 'ended', why: 'chosen' })
  }

  /** There is no session to restore. */
  none(): void {
    this.#out('none')
  }

  #renew(): Promise<string> {
    this.#renewal ??= this.#trade(this.#held).finally(() => {
      this.#renewal = null
    })
    return this.#renewal
  }

  async #trade(before: Held | null): Promise<string> {
    if (this.#state === 'out') throw new SignedOut()
    return this.alone(async (waited) => {
      if (waited && this.#held === before) await this.#news()
      if (this.#isOut()) throw new SignedOut()
      if (this.#held && this.#held !== before) return this.#held.accessToken
      try {
        const session = await this.#world.refresh()
        if (this.#isOut()) throw new SignedOut() // logged out meanwhile
        this.#tell({ kind: 'renewed', held: this.#adopt(session) })
        return session.accessToken
      } catch (error) {
        if (!isFinal(error)) throw error
        this.#out('expired')
        this.#tell({ kind: 'ended', why: 'expired' })
        throw new SignedOut()
      }
    })
  }

  // The state changes while one waits, which the compiler does not think of.
  #isOut(): boolean {
    return this.#state === 'out'
  }

  /** Does `work` on the cookie while no tab does any. `waited` says that another tab may just have finished. */
  async alone<T>(work: (waited: boolean) => Promise<T>): Promise<T> {
    const { locks } = this.#world
    if (!locks) return this.#inTurn(work)
    const name = 'onsale-session'
    let asked = false
    let done: { value: T } | null
    try {
      done = await locks.request(name, { ifAvailable: true }, async (lock) => {
        asked = true
        return lock ? { value: await work(false) } : null
      })
    } catch (error) {
      if (asked || !isDenied(error)) throw error
      return this.#inTurn(work)
    }
    return done ? done.value : locks.request(name, async () => work(true))
  }

  /** The same within this tab only. */
  #inTurn<T>(work: (waited: boolean) => Promise<T>): Promise<T> {
    const mine = this.#queue.then(() => work(false))
    this.#queue = mine.catch(() => undefined)
    return mine
  }

  /** Waits for another tab's news, which may come a little later than its lock. */
  #news(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.#waiting.delete(done)
        resolve()
      }
      const timer = setTimeout(done, 100)
      this.#waiting.add(done)
    })
  }

  #hear(news: News): void {
    if (news.kind === 'ended') this.#out(news.why)
    else if (news.kind === 'began' || this.#state !== 'out') this.#take(news.held) // a late renewal brings nobody back in
    for (const done of this.#waiting) done()
  }

  #tell(news: News): void {
    this.#world.channel?.postMessage(news)
  }

  #adopt({ user, accessToken }: Session): Held {
    const life = lifetime(accessToken)
    const held = { user, accessToken, due: Date.now() + Math.max(life - margin, life / 2), until: Date.now() + life }
    this.#take(held)
    return held
  }

  #take(held: Held): void {
    const before = this.#held
    this.#state = 'in'
    this.#held = held
    this.#announce({ to: before && before.user.id !== held.user.id ? 'other' : 'in', user: held.user })
  }

  #out(why: Ending): void {
    if (this.#state === 'out') return
    this.#state = 'out'
    this.#held = null
    this.#announce({ to: 'out', why })
  }

  #announce(change: Change): void {
    for (const fn of this.#watchers) fn(change)
  }
}

/** Browsers that block cookies deny locks too. */
function isDenied(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'SecurityError'
}

/** Refused for good: the token is spent or unknown, or this page may not use it. */
function isFinal(error: unknown): boolean {
  return error instanceof SignedOut || (error instanceof Refused && error.status < 500 && error.status !== 408 && error.status !== 429)
}

/**
 * For how long a JWT is good from when it was issued, in ms, by its own claims, so that a wrong clock here does not matter.
 * Five minutes for what cannot be read.
 */
export function lifetime(token: string): number {
  try {
    const [, payload = ''] = token.split('.')
    const claims: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')))
    if (typeof claims === 'object' && claims && 'exp' in claims && 'iat' in claims) {
      const life = (Number(claims.exp) - Number(claims.iat)) * 1000
      if (life > 0) return life
    }
  } catch {
    // Not a JWT.
  }
  return 300_000
}
