'use client'

import { useRouter } from 'next/navigation'
import { useEffect, type ReactNode } from 'react'
import { loginFor } from '@/lib/session-hint'
import { followNetwork, useConnection } from '@/store/connection'
import { useSession } from '@/store/session'
import { NowhereToGo, Unanswered } from './unanswered'

/**
 * What only somebody who is logged in sees. Until that is known, which takes one request, `children` show what they look like
 * without data. Without a session it leads to the log-in page, and from there back, unless one logged out on purpose.
 */
export function SignedIn({ children }: { children: ReactNode }) {
  const status = useSession((session) => session.status)
  const unanswered = useSession((session) => session.status === 'unknown' && session.trouble !== null)
  const leaving = useSession((session) => session.leaving)
  const online = useConnection((connection) => connection.online)
  const router = useRouter()

  useEffect(() => useSession.getState().restore(), [])
  useEffect(followNetwork, [])
  useEffect(() => {
    if (status !== 'out' || !online || leaving) return // the browser's own error page may come instead
    const chosen = useSession.getState().ended === 'chosen'
    router.replace(chosen ? '/login' : loginFor(location.pathname + location.search))
  }, [status, online, leaving, router])

  if (status === 'out') return online && leaving !== 'untold' ? null : <NowhereToGo online={online} />
  return unanswered ? <Unanswered /> : children
}
