'use client'

import { useState } from 'react'
import { useEventView, type Listing } from '@/store/catalog'
import { thresholdsPassed, thresholdWords } from './level'

/**
 * Tells screen readers when an event's tickets pass a half, a tenth, the last few and the end: each once, however the count
 * goes up and down between, and nothing of what had been passed before.
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
  return <output className="sr-only">{furthest > first ? thresholdWords(furthest, event.title) : ''}</output>
}
