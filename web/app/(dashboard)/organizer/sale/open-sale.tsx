'use client'

import { CloudOff, Lock, SearchX, type LucideIcon } from 'lucide-react'
import { useSearchParams } from 'next/navigation'
import { useEffect, type ReactNode } from 'react'
import { Button, ButtonLink } from '@/components/ui/button'
import { Notice } from '@/components/ui/notice'
import { isEventId } from '@/lib/live-frames'
import { explain } from '@/lib/problem'
import { useCatalog, useEventView } from '@/store/catalog'
import { useLive } from '@/store/live'
import { useSession } from '@/store/session'
import { Sale } from './sale'
import { SaleSkeleton } from './sale-skeleton'

/** The sale that the address names, for whoever may see it: its organizer, and admins. */
export function OpenSale() {
  const id = useSearchParams().get('event') ?? ''
  const user = useSession((state) => state.user)
  const event = useEventView(id)
  const opened = useCatalog((state) => state.opened[id])
  const open = useCatalog((state) => state.open)
  useLive([id])

  useEffect(() => {
    if (isEventId(id)) void open(id)
  }, [open, id])

  if (event && user) {
    if (user.role === 'admin' || user.id === event.organizerId) return <Sale key={id} event={event} />
    return <Instead icon={Lock} title="Only its organizer sees this" text={<>How <bdi>{event.title}</bdi> sells is for those who put it on sale.</>} />
  }
  if (!isEventId(id) || opened?.status === 'missing') {
    return <Instead icon={SearchX} title="There is no such event" text="The address may be mistyped." />
  }
  if (opened?.status === 'failed') {
    return (
      <>
        <h1 className="sr-only">Sale</h1>
        <Notice icon={CloudOff} title="The sale could not be loaded" text={explain(opened.error)}>
          <Button variant="primary" onClick={() => void open(id)}>Try again</Button>
        </Notice>
      </>
    )
  }
  return <SaleSkeleton />
}

function Instead(why: { icon: LucideIcon; title: string; text: ReactNode }) {
  return (
    <>
      <h1 className="sr-only">Sale</h1>
      <Notice {...why}>
        <ButtonLink href="/organizer" variant="primary">See my events</ButtonLink>
      </Notice>
    </>
  )
}
