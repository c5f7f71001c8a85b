'use client'

import { CloudOff, Megaphone } from 'lucide-react'
import { useRouter, useSearchParams } from 'next/navigation'
import { useEffect } from 'react'
import { NoSuchPage } from '@/components/events/no-such-page'
import { Button, ButtonLink } from '@/components/ui/button'
import { Notice } from '@/components/ui/notice'
import { Pager } from '@/components/ui/pager'
import { pageOf } from '@/lib/page'
import { explain } from '@/lib/problem'
import { useCatalog } from '@/store/catalog'
import { useLive } from '@/store/live'
import { EventRow } from './event-row'
import { EventSkeletons } from './event-skeletons'

const none: readonly string[] = []

/** The events I put on sale, those furthest ahead first, with counts that move. */
export function MyEvents() {
  const router = useRouter()
  const page = pageOf(useSearchParams().get('page'))
  const show = useCatalog((state) => state.show)
  const status = useCatalog((state) => state.status)
  const error = useCatalog((state) => state.error)
  const list = useCatalog((state) => (state.list?.query.organizer === 'me' ? state.list : null))
  useLive(list?.ids ?? none)

  useEffect(() => {
    void show(queryOf(page))
  }, [show, page])

  if (!list) {
    if (status !== 'failed') return <EventSkeletons />
    return (
      <Notice icon={CloudOff} title="Your events could not be loaded" text={explain(error)}>
        <Button variant="primary" onClick={() => void show(queryOf(page))}>Try again</Button>
      </Notice>
    )
  }
  if (list.meta.total === 0) {
    return (
      <Notice icon={Megaphone} title="Put your first event on sale" text="Say what it is and what a seat costs. You watch it sell here, seat by seat.">
        <ButtonLink href="/organizer/new" variant="primary">New event</ButtonLink>
      </Notice>
    )
  }
  if (list.ids.length === 0) return <NoSuchPage page={list.query.page} onFirst={() => router.push(hrefOf(1))} />
  return (
    <>
      <ul className="mt-6 divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface shadow-card">
        {list.ids.map((id) => <EventRow key={id} id={id} />)}
      </ul>
      <Pager label="Pages of events" page={list.query.page} totalPages={list.meta.totalPages} hrefOf={hrefOf} onTurn={(to) => router.push(hrefOf(to))} />
    </>
  )
}

function hrefOf(page: number): string {
  return page === 1 ? '/organizer' : `/organizer?page=${page}`
}

function queryOf(page: number) {
  return { page, search: '', sortBy: 'date', sortOrder: 'desc', organizer: 'me' } as const
}
