import { formatNumber } from '@/lib/format'
import { waitWords } from '@/lib/problem'
import type { Outcome } from '@/store/booking'

export type Told = { tone: 'success' | 'info' | 'error'; text: string; /** What else is good to know. */ more?: string }

/** What became of a booking, in words for the buyer. */
export function outcomeWords(outcome: Outcome, title: string): Told {
  switch (outcome.kind) {
    case 'booked':
      return { tone: 'success', text: bookedWords(title) }
    case 'sold-out':
      return { tone: 'error', text: `Sorry, tickets for ${title} are no longer available.` }
    case 'already-booked':
      return { tone: 'info', text: 'You have already booked this event.' }
    case 'failed':
      return { tone: 'error', text: 'Failed to complete booking. Please try again.' }
    case 'not-enough':
      return { tone: 'error', text: `Only ${tickets(outcome.remaining)} left for ${title}.`, more: 'Nothing has been booked.' }
    case 'choose-section':
      return { tone: 'info', text: `${title} has several sections.`, more: 'Choose one of them.' }
    case 'in-progress':
      return { tone: 'info', text: 'Your earlier try has not finished yet.', more: 'If it is not in My bookings in two minutes, book again.' }
    case 'started':
      return { tone: 'error', text: 'Sales have ended.', more: `${title} has started.` }
    case 'closed':
      return { tone: 'error', text: 'Sales have ended.', more: `Tickets for ${title} are no longer sold.` }
    case 'payment-declined':
      return { tone: 'error', text: 'Your payment was declined.', more: 'Nothing has been booked.' }
    case 'wait':
      return {
        tone: 'error',
        text: outcome.because === 'too-often' ? 'You are trying too often.' : 'It is very busy right now.',
        more: `Try again ${waitWords(outcome.seconds)}.`,
      }
    case 'signed-out':
      return { tone: 'info', text: 'Your session has ended.', more: 'Log in to go on.' }
  }
}

export function bookedWords(title: string): string {
  return `Successfully booked ${title}!`
}

/** "1 ticket", "2 tickets" */
export function tickets(n: number): string {
  return n === 1 ? '1 ticket' : `${formatNumber(n)} tickets`
}
