import { Connection, broken, type End } from './live-connection'
import { afterClose, fullJitter, inAll, isEventId } from './live-frames'
import type { Counts } from './seats'

/** 'off': nobody watches, or the server said not to come back. */
export type LiveState = 'off' | 'connecting' | 'live' | 'reconnecting'

export type World = {
  url: () => string
  /** A token that is good for a while, and another one than what was `refused`; asked for again and again. */
  token: (refused?: string) => Promise<string>
  counts: (counts: Counts[]) => void
  state: (state: LiveState) => void
}

/** What the server hangs up with when a token is none of its own: it may have other secrets than when it made that token. */
const tokenInvalid = 4500

/** How long a connection is kept that nobody watches, in ms: whoever goes to another page may watch there. */
const linger = 2_000

/**
 * Live counts of the events that somebody watches, over one WebSocket that is there while anybody does. It comes back after
 * a random pause when it breaks, and begins with a snapshot then, so that nothing is missed. The protocol is in README,
 * "Live counts". What is told may be older than what is known: see `lib/seats`.
 */
export class Live {
  readonly #world: World
  readonly #watched = new Map<string, number>()
  #paused = false
  #refused = false
  #run: AbortController | null = null
  #connection: Connection | null = null
  #linger: ReturnType<typeof setTimeout> | undefined
  #cutShort: () => void = () => undefined
  #state: LiveState = 'off'

  constructor(world: World) {
    this.#world = world
  }

  /** Watches events until the returned function is called. What is no id of an event is passed over. */
  watch(ids: readonly string[]): () => void {
    const mine = [...new Set(ids)].filter(isEventId)
    for (const id of mine) this.#watched.set(id, (this.#watched.get(id) ?? 0) + 1)
    this.#changed()
    let over = false
    return () => {
      if (over) return
      over = true
      for (const id of mine) {
        const left = (this.#watched.get(id) ?? 0) - 1
        if (left > 0) this.#watched.set(id, left)
        else this.#watched.delete(id)
      }
      this.#changed()
    }
  }

  /** The events that are watched. */
  get watched(): string[] {
    return [...this.#watched.keys()].slice(0, inAll)
  }

  /** Hangs up until `unpause` or `wake`. */
  pause(): void {
    this.#paused = true
    this.#stop()
  }

  /** As before `pause`. */
  unpause(): void {
    this.#paused = false
    this.#changed()
  }

  /** Something is better now: reconnects at once, even where the server said not to, or makes sure the connection is alive. */
  wake(): void {
    this.#paused = false
    this.#refused = false
    if (this.#connection?.live) return this.#connection.probe()
    this.#stop()
    this.#changed()
  }

  /** Hangs up: who watches from now on is somebody else. */
  reset(): void {
    this.#refused = false
    this.#stop()
  }

  #changed(): void {
    clearTimeout(this.#linger)
    if (this.#watched.size === 0) {
      if (this.#run) this.#linger = setTimeout(() => this.#stop(), linger)
    } else if (!this.#run && !this.#paused && !this.#refused) {
      this.#run = new AbortController()
      void this.#serve(this.#run.signal)
    }
    this.#connection?.update()
  }

  #stop(): void {
    clearTimeout(this.#linger)
    this.#run?.abort()
    this.#run = null
    this.#connection?.end(1000)
    this.#connection = null
    this.#cutShort()
    this.#show('off')
  }

  #show(state: LiveState): void {
    if (state === this.#state) return
    this.#state = state
    this.#world.state(state)
  }

  /** Has a connection, again and again. */
  async #serve(over: AbortSignal): Promise<void> {
    this.#show('connecting')
    let refused: string | undefined
    for (let tries = 0; ; tries++) {
      const { code, wasGood, token } = await this.#connect(over, refused)
      if (over.aborted) return
      this.#connection = null
      const next = afterClose(code)
      const newOneToo = code === tokenInvalid && refused !== undefined
      if (next === 'stay-away' || newOneToo) {
        this.#refused = true
        return this.#stop()
      }
      this.#show('reconnecting')
      refused = next === 'renew' ? token : undefined
      if (wasGood) tries = 0
      await this.#pause(next === 'renew' && tries === 0 ? 0 : fullJitter(tries))
      if (over.aborted) return
    }
  }

  async #connect(over: AbortSignal, refused?: string): Promise<End> {
    const { url, token, counts } = this.#world
    try {
      const first = await token(refused)
      if (over.aborted) return broken
      this.#connection = new Connection(url(), first, { token, counts, live: () => this.#show('live'), wanted: () => new Set(this.watched) })
    } catch {
      return broken
    }
    return this.#connection.ended
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#cutShort = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
