import { describe, expect, it } from 'vitest'
import type { Outcome } from '@/store/booking'
import { outcomeWords, tickets } from './outcome-words'
import { eventId, sampleBooking } from './samples.testing'

describe('the words of the requirement', () => {
  it.each<[Outcome, string, string]>([
    [{ kind: 'booked', booking: sampleBooking() }, 'success', 'Successfully booked Tech Conference 2025!'],
    [{ kind: 'sold-out' }, 'error', 'Sorry, tickets for Tech Conference 2025 are no longer available.'],
    [{ kind: 'already-booked', bookingId: eventId }, 'info', 'You have already booked this event.'],
    [{ kind: 'failed' }, 'error', 'Failed to complete booking. Please try again.'],
  ])('%j', (outcome, tone, text) => expect(outcomeWords(outcome, 'Tech Conference 2025')).toEqual({ tone, text }))
})

describe('every other outcome', () => {
  it.each<[Outcome, string, string]>([
    [{ kind: 'not-enough', remaining: 2 }, 'Only 2 tickets left for Gig.', 'Nothing has been booked.'],
    [{ kind: 'not-enough', remaining: 1 }, 'Only 1 ticket left for Gig.', 'Nothing has been booked.'],
    [{ kind: 'choose-section', sections: [] }, 'Gig has several sections.', 'Choose one of them.'],
    [{ kind: 'in-progress' }, 'Your earlier try has not finished yet.', 'If it is not in My bookings in two minutes, book again.'],
    [{ kind: 'started' }, 'Sales have ended.', 'Gig has started.'],
    [{ kind: 'closed' }, 'Sales have ended.', 'Tickets for Gig are no longer sold.'],
    [{ kind: 'payment-declined' }, 'Your payment was declined.', 'Nothing has been booked.'],
    [{ kind: 'wait', seconds: 5, because: 'busy' }, 'It is very busy right now.', 'Try again in 5 seconds.'],
    [{ kind: 'wait', seconds: 170, because: 'too-often' }, 'You are trying too often.', 'Try again in 3 minutes.'],
    [{ kind: 'signed-out' }, 'Your session has ended.', 'Log in to go on.'],
  ])('%j says what happened and what one can do', (outcome, text, more) => expect(outcomeWords(outcome, 'Gig')).toMatchObject({ text, more }))
})

it('counts tickets', () => expect([1, 2, 1200].map(tickets)).toEqual(['1 ticket', '2 tickets', '1,200 tickets']))
