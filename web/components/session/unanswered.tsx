'use client'

import { CloudOff, WifiOff, type LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { Brand } from '@/components/shell/brand'
import { Button } from '@/components/ui/button'
import { Notice } from '@/components/ui/notice'
import { Unreachable, explain } from '@/lib/problem'
import { useSession } from '@/store/session'

/** Stands in for a page while the server does not say who is logged in. It goes away by itself. */
export function Unanswered() {
  const trouble = useSession((session) => session.trouble)
  const away = trouble instanceof Unreachable
  const text = away
    ? 'You are still logged in. We keep trying, and this page goes on by itself as soon as there is a connection.'
    : `${explain(trouble)} You are still logged in, and this page goes on by itself.`
  return (
    <Standstill icon={CloudOff} title={away ? 'We cannot reach the server' : 'The server cannot answer right now'} text={text}>
      <Button onClick={() => useSession.getState().restore()}>Try again now</Button>
    </Standstill>
  )
}

/** Stands in for a page that was left with nothing to get the next one by: no network, or no server. It goes away by itself. */
export function NowhereToGo({ online }: { online: boolean }) {
  const why = online ? 'The server cannot be reached just now.' : 'You are also offline.'
  return <Standstill icon={online ? CloudOff : WifiOff} title="You are logged out" text={`${why} The log-in page will be here as soon as there is a connection.`} />
}

function Standstill({ icon, title, text, children }: { icon: LucideIcon; title: string; text: string; children?: ReactNode }) {
  return (
    <>
      <header className="px-4 py-3 sm:px-6"><Brand /></header>
      <main id="main" tabIndex={-1} aria-live="polite" className="outline-none">
        <h1 className="sr-only">Onsale is waiting</h1>
        <Notice icon={icon} title={title} text={text}>{children}</Notice>
      </main>
    </>
  )
}
