import { api } from '@/lib/api'
import type { components } from '@/lib/openapi.gen'
import { answer, SignedOut } from '@/lib/problem'
import { untilKnown } from '@/lib/until-known'
import { openRequests } from '@/store/requests'

type Schemas = components['schemas']

const begin = openRequests()

/** Puts an event on sale: one event, however often the same one is asked for until it is known to be. Throws what `answer` throws. */
export async function publish(event: Schemas['CreateEvent']): Promise<Schemas['Event']> {
  const { key, signal, settle } = begin(event)
  const published = await untilKnown(() => answer(api.POST('/events', { body: event, params: { header: { 'Idempotency-Key': key } } })), signal)
  if (signal.aborted) throw new SignedOut()
  settle()
  return published
}
