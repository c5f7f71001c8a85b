import { api } from '@/lib/api'
import type { components } from '@/lib/openapi.gen'
import { answer, SignedOut } from '@/lib/problem'
import { newKey, untilKnown } from '@/lib/until-known'
import { onSignedOut } from '@/store/session'

type Schemas = components['schemas']

/** The Idempotency-Key of every event that is not known to be on sale, so that asking again is the same request. */
const keys = new Map<string, string>()
/** Ends with the session: what becomes of an event then is no business of whoever comes next. */
let session = new AbortController()

onSignedOut(() => {
  session.abort()
  session = new AbortController()
  keys.clear()
})

/** Puts an event on sale: one event, however often the same one is asked for until it is known to be. Throws what `answer` throws. */
export async function publish(event: Schemas['CreateEvent']): Promise<Schemas['Event']> {
  const { signal } = session
  const name = JSON.stringify(event)
  const key = keys.get(name) ?? newKey()
  keys.set(name, key)
  const published = await untilKnown(() => answer(api.POST('/events', { body: event, params: { header: { 'Idempotency-Key': key } } })), signal)
  if (signal.aborted) throw new SignedOut()
  keys.delete(name)
  return published
}
