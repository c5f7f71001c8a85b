'use client'

import Link from 'next/link'
import { useId, type ReactNode } from 'react'
import { Skeleton } from '@/components/ui/skeleton'
import { cn } from '@/lib/cn'
import { formatDateTime } from '@/lib/format'
import { useEventView } from '@/store/catalog'
import { BookButton } from './book-button'
import { DateTile } from './date-tile'
import { priceWords } from './price'
import { SaleBadge } from './ticket-badge'

/**
 * One event as a ticket: what and when above the perforation, price and button on the stub. It follows its own counts and
 * nobody else's. `href` is the address of its sheet; `onOpen` goes there without loading a page.
 */
export function EventCard({ id, href, onOpen }: { id: string; href: string; onOpen: (href: string) => void }) {
  const event = useEventView(id)
  const title = useId()
  if (!event) return null
  return (
    <TicketShape
      body={
        <>
          <DateTile date={event.date} />
          <div className="min-w-0">
            <h2 id={title} dir="auto" className="line-clamp-2 leading-6 font-semibold wrap-anywhere">
              <Link
                href={href}
                prefetch={false}
                aria-haspopup="dialog"
                onNavigate={(navigation) => {
                  navigation.preventDefault()
                  onOpen(href)
                }}
                className="outline-offset-4 before:absolute before:inset-0 before:rounded-t-xl"
              >
                {event.title}
              </Link>
            </h2>
            <p className="mt-1 truncate text-sm leading-5 text-ink-soft tabular">{event.date ? formatDateTime(event.date) : 'Date to be announced'}</p>
            <p dir="auto" className="truncate text-sm leading-5 text-ink-faint">{event.venue || 'Venue to be announced'}</p>
          </div>
        </>
      }
      stub={
        <>
          <div className="min-w-0">
            <p className="truncate leading-6 font-semibold tabular">{priceWords(event)}</p>
            <SaleBadge event={event} className="mt-1 -ml-0.5" />
          </div>
          <BookButton event={event} describedBy={title} onChoose={() => onOpen(href)} />
        </>
      }
    />
  )
}

/** Stands where a card will be, in its size. */
export function EventCardSkeleton() {
  return (
    <TicketShape
      body={
        <>
          <Skeleton className="h-15 w-13 rounded-lg" />
          <div className="grid flex-1 content-start">
            <Skeleton className="my-1 h-4 w-3/4" />
            <Skeleton className="mt-2 mb-1 h-3 w-11/12" />
            <Skeleton className="my-1 h-3 w-1/2" />
          </div>
        </>
      }
      stub={
        <>
          <div>
            <Skeleton className="my-1 h-4 w-16" />
            <Skeleton className="mt-1 h-6 w-24 rounded-full" />
          </div>
          <Skeleton className="h-11 w-30 rounded-lg" />
        </>
      }
    />
  )
}

function TicketShape({ body, stub }: { body: ReactNode; stub: ReactNode }) {
  return (
    <article className="group flex flex-col rounded-xl border border-line bg-surface shadow-card transition-colors has-[a:hover]:border-line-strong/50">
      <div className="relative flex min-h-27 flex-1 gap-4 p-5">{body}</div>
      <Perforation />
      <div className="flex items-center justify-between gap-3 px-5 py-4">{stub}</div>
    </article>
  )
}

const notch =
  'absolute -top-2 size-4 rounded-full border border-line bg-canvas transition-colors group-has-[a:hover]:border-line-strong/50'

function Perforation() {
  return (
    <div aria-hidden className="relative mx-4 border-t border-dashed border-line">
      <span className={cn(notch, '-left-[1.5625rem] [clip-path:inset(0_0_0_50%)]')} />
      <span className={cn(notch, '-right-[1.5625rem] [clip-path:inset(0_50%_0_0)]')} />
    </div>
  )
}
