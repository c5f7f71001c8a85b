'use client'

import { useState } from 'react'
import { useEventView, type Listing } from '@/store/catalog'
import { endedWords, thresholdsPassed, thresholdWords } from './level'
import { useEnded } from './use-ended'

/**
 * Tells screen readers when an event's tickets pass a half, a tenth, the last few and the end, and when sales end: each once,
 * however the count goes up and down between, and nothing of what had been passed before.
 */
export function ThresholdAnnouncer({ id }: { id: string }) {
  const event = useEventView(id)
  return event ? <Passed event={event} /> : null
}

function Passed({ event }: { event: Listing }) {
  const now = thresholdsPassed(event.remainingTickets, event.totalTickets)
  const [first] = useState(now)
  const [furthest, setFurthest] = useState(now)
  if (now > furthest) setFurthest(now)
  const ended = useEnded(event) !== null
  const [over] = useState(ended)
  if (ended) return <output className="sr-only">{over ? '' : endedWords(event.title)}</output>
  return <output className="sr-only">{furthest > first ? thresholdWords(furthest, event.title) : ''}</output>
}
