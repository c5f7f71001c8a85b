import type { Listing } from '@/store/catalog'
import { useStarted } from './use-started'

/** Why nothing of an event is sold any more, whatever is left: it has started, or its sales were closed before. Null while it is sold. */
export function useEnded(event: Pick<Listing, 'date' | 'closed'> | undefined): 'started' | 'closed' | null {
  const started = useStarted(event?.date ?? null)
  if (started) return 'started'
  return event?.closed ? 'closed' : null
}
