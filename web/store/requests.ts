import { newKey } from '@/lib/until-known'
import { onSignedOut } from './session'

export type OpenRequest = {
  /** Its Idempotency-Key. */
  key: string
  /** Whether it was begun before. */
  again: boolean
  /** Ends with the session: what becomes of the request then is no business of whoever comes next. */
  signal: AbortSignal
  /** It is known what became of it: whoever begins the same again begins another. */
  settle: () => void
}

/** Returns what begins a request, or goes on with the same one while nobody knows what became of it, so that asking again is the same request. */
export function openRequests(): (body: unknown) => OpenRequest {
  const keys = new Map<string, string>()
  let session = new AbortController()
  onSignedOut(() => {
    session.abort()
    session = new AbortController()
    keys.clear()
  })
  return (body) => {
    const name = JSON.stringify(body)
    const kept = keys.get(name)
    const key = kept ?? newKey()
    keys.set(name, key)
    return { key, again: kept !== undefined, signal: session.signal, settle: () => keys.delete(name) }
  }
}
