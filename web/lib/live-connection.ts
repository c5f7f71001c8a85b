import { nextRequest, pacer, readFrame, type Request } from './live-frames'
import type { Counts } from './seats'

/** How a connection ended. A good one has been live for a while: then coming back soon hurts nobody. */
export type End = { code: number; wasGood: boolean; /** The last token that was sent. */ token?: string }

/** As the browser calls a connection that ended without a word. */
export const broken: End = { code: 1006, wasGood: false }

export type Viewer = {
  /** The events to be subscribed to; see `update`. */
  wanted: () => ReadonlySet<string>
  token: () => Promise<string>
  counts: (counts: Counts[]) => void
  /** The first counts are here. */
  live: () => void
}

/** All in ms. */
const times = {
  /** From opening to the first counts. */
  opening: 15_000,
  /** Between two looks at how the connection is. */
  tending: 15_000,
  /** Silence after which it is asked for a sign of life. The server's pings do not show to a page. */
  silence: 45_000,
  /** How long that sign may take. */
  answering: 10_000,
  /** Live for so long, it was a good one. */
  good: 5_000,
}

/** One WebSocket of live counts, from its opening to its end. */
export class Connection {
  /** Settles once, when it has ended. */
  readonly ended: Promise<End>
  readonly #socket: WebSocket
  readonly #viewer: Viewer
  readonly #over = new AbortController()
  readonly #subscribed = new Set<string>()
  /** Stricter than the server, which lets through twenty frames at once and then one a second. */
  readonly #pace = pacer(15, 1_500)
  readonly #opening: ReturnType<typeof setTimeout>
  readonly #tending: ReturnType<typeof setInterval>
  #token: string
  #ready = false
  #liveSince = 0
  #heard = Date.now()
  #sending: ReturnType<typeof setTimeout> | undefined
  #dead: ReturnType<typeof setTimeout> | undefined
  #settle: (end: End) => void = () => undefined

  constructor(url: string, token: string, viewer: Viewer) {
    this.#viewer = viewer
    this.#token = token
    this.ended = new Promise((resolve) => (this.#settle = resolve))
    this.#opening = setTimeout(() => this.end(broken.code), times.opening)
    this.#tending = setInterval(() => void this.#tend(), times.tending)
    this.#socket = new WebSocket(url)
    const { signal } = this.#over
    this.#socket.addEventListener('open', () => this.#authenticate(token), { signal })
    this.#socket.addEventListener('message', ({ data }) => this.#receive(data), { signal })
    this.#socket.addEventListener('close', ({ code }) => this.end(code), { signal })
  }

  /** Whether counts come. */
  get live(): boolean {
    return this.#liveSince > 0
  }

  /** What is wanted has changed: subscribes to it, soon. Changes that come together are one. */
  update(): void {
    if (this.#over.signal.aborted || !this.#ready || this.#sending !== undefined) return
    this.#sending = setTimeout(() => this.#subscribe(), 0)
  }

  /** Asks for a sign of life, and ends the connection when none comes in time. */
  probe(): void {
    if (this.#over.signal.aborted || !this.live || this.#dead !== undefined) return
    this.#dead = setTimeout(() => this.end(broken.code), times.answering)
    this.#authenticate(this.#token)
  }

  /** Hangs up, with the code that it ended with. A dead connection would take long to say so itself. */
  end(code: number): void {
    if (this.#over.signal.aborted) return
    this.#over.abort()
    clearTimeout(this.#opening)
    clearInterval(this.#tending)
    clearTimeout(this.#sending)
    clearTimeout(this.#dead)
    this.#socket.close()
    this.#settle({ code, wasGood: this.live && Date.now() - this.#liveSince >= times.good, token: this.#token })
  }

  #receive(data: unknown): void {
    this.#heard = Date.now()
    clearTimeout(this.#dead)
    this.#dead = undefined
    const frame = readFrame(data)
    if (!frame) return
    if (frame.type === 'ready') {
      this.#ready = true
      return this.update()
    }
    this.#viewer.counts(frame.events)
    if (frame.type === 'snapshot' && !this.live) {
      clearTimeout(this.#opening)
      this.#liveSince = Date.now()
      this.#viewer.live()
    }
  }

  /** Says who is here: at first, before the token is over, and to hear whether anybody is there. */
  #authenticate(token: string): void {
    this.#token = token
    this.#pace()
    this.#send({ type: 'auth', token })
  }

  #subscribe(): void {
    this.#sending = undefined
    const request = nextRequest(this.#viewer.wanted(), this.#subscribed)
    if (!request) return
    const wait = this.#pace()
    if (wait === 0) {
      this.#send(request)
      for (const id of request.events) {
        if (request.type === 'subscribe') this.#subscribed.add(id)
        else this.#subscribed.delete(id)
      }
    }
    this.#sending = setTimeout(() => this.#subscribe(), wait)
  }

  async #tend(): Promise<void> {
    if (!this.live) return
    const token = await this.#viewer.token().catch(() => this.#token)
    if (this.#over.signal.aborted) return
    if (token !== this.#token) this.#authenticate(token)
    else if (Date.now() - this.#heard >= times.silence) this.probe()
  }

  #send(request: Request): void {
    this.#socket.send(JSON.stringify(request))
  }
}
