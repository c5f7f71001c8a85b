'use client'

import { CloudOff, Megaphone } from 'lucide-react'
import { useRouter, useSearchParams } from 'next/navigation'
import { useEffect } from 'react'
import { Pager } from '@/components/organizer/pager'
import { Button, ButtonLink } from '@/components/ui/button'
import { Notice } from '@/components/ui/notice'
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
  const { show, status, error } = useCatalog()
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
  return (
    <>
      <ul className="mt-6 divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface shadow-card">
        {list.ids.map((id) => <EventRow key={id} id={id} />)}
      </ul>
      <Pager label="Pages of events" page={page} totalPages={list.meta.totalPages} onTurn={(to) => router.push(to === 1 ? '/organizer' : `/organizer?page=${to}`)} />
    </>
  )
}

function queryOf(page: number) {
  return { page, search: '', sortBy: 'date', sortOrder: 'desc', organizer: 'me' } as const
}

function pageOf(param: string | null): number {
  const page = Number(param)
  return Number.isInteger(page) && page >= 1 && page <= 1_000_000 ? page : 1
}
