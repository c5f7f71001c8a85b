import type { Metadata } from 'next'
import { BackLink } from '@/components/organizer/back-link'
import { NewEvent } from './new-event'

export const metadata: Metadata = { title: 'New event' }

export default function NewEventPage() {
  return (
    <>
      <BackLink href="/organizer">My events</BackLink>
      <h1 className="mt-2 text-2xl font-semibold">Put an event on sale</h1>
      <p className="mt-1 text-ink-soft">It is for sale as soon as you publish it.</p>
      <NewEvent />
    </>
  )
}
