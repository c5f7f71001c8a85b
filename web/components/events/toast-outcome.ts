import { notify } from '@/lib/notify'
import type { Outcome } from '@/store/booking'
import { outcomeWords } from './outcome-words'

/** Notifies of what became of a booking. A later one of the same event takes its place. That the session is over, the log-in page says. */
export function toastOutcome(outcome: Outcome, event: { id: string; title: string }) {
  if (outcome.kind === 'signed-out') return
  const { tone, text, more } = outcomeWords(outcome, event.title)
  void notify(tone, text, { id: `booking-${event.id}`, description: more, duration: tone === 'error' ? 8000 : 5000 })
}
