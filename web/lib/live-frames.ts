import type { Counts } from './seats'

/** What a viewer sends. */
export type Request = { type: 'auth'; token: string } | { type: 'subscribe' | 'unsubscribe'; events: string[] }

/** What a viewer gets. */
export type Frame = { type: 'ready' } | { type: 'snapshot' | 'counts'; events: Counts[] }

/** Events in one frame, and in all: more, and the server hangs up for good. */
const inFrame = 100
export const inAll = 500

/** Reads a frame; null for what is none, which a server of another version may send. */
export function readFrame(text: unknown): Frame | null {
  const frame = parse(text)
  if (!isObject(frame)) return null
  if (frame.type === 'ready') return { type: 'ready' }
  if (frame.type !== 'snapshot' && frame.type !== 'counts') return null
  return Array.isArray(frame.events) ? { type: frame.type, events: frame.events.filter(isCounts) } : null
}

/** The next frame that brings what is subscribed nearer to what is wanted; null when they are the same. */
export function nextRequest(wanted: ReadonlySet<string>, subscribed: ReadonlySet<string>): Extract<Request, { events: string[] }> | null {
  const missing = [...wanted].filter((id) => !subscribed.has(id)).slice(0, inFrame)
  const stale = [...subscribed].filter((id) => !wanted.has(id)).slice(0, inFrame)
  const room = subscribed.size + missing.length <= inAll
  if (missing.length > 0 && room) return { type: 'subscribe', events: missing }
  return stale.length > 0 ? { type: 'unsubscribe', events: stale } : null
}

/** What to do when a connection ends with a code: come back, come back with another token, or not at all. */
export function afterClose(code: number): 'come-back' | 'renew' | 'stay-away' {
  if (code === 4401 || code === 4500) return 'renew'
  return (code >= 4500 && code < 5000) || code === 1002 || code === 1009 ? 'stay-away' : 'come-back'
}

/** "Full jitter": any pause up to one that doubles with each try, so that a crowd does not come back as one. In ms. */
export function fullJitter(tries: number): number {
  return Math.random() * Math.min(30_000, 500 * 2 ** tries)
}

/**
 * Paces what is sent: `burst` at once, and then one in `every` ms. Each call is one, and returns how long it has to wait
 * in ms; only after 0 it may be sent, and counts.
 */
export function pacer(burst: number, every: number): () => number {
  let free = burst
  let since = Date.now()
  return () => {
    const now = Date.now()
    free = Math.min(burst, free + (now - since) / every)
    since = now
    if (free < 1) return Math.ceil((1 - free) * every)
    free--
    return 0
  }
}

/** Whether the server would take it for an event's id. One that it would not ends the connection. */
export function isEventId(id: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)
}

function parse(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : null
  } catch {
    return null
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isCounts(value: unknown): value is Counts {
  return (
    isObject(value) && typeof value.id === 'string' && isCount(value.version) && isCount(value.remainingTickets) &&
    (value.closed === undefined || typeof value.closed === 'boolean') &&
    (value.sections === undefined || (Array.isArray(value.sections) && value.sections.every((each) => isObject(each) && typeof each.id === 'string' && isCount(each.remaining))))
  )
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0
}
