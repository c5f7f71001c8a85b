'use client'

import { useRouter } from 'next/navigation'
import { useEffect, useState, type ReactNode } from 'react'
import { safeNext } from '@/lib/session-hint'
import { useSession } from '@/store/session'

/**
 * What only somebody who is not logged in sees. Whoever is leaves for the page they wanted, and sees nothing here if they were
 * logged in when they came; who logs in here keeps the form in view until the next page is there.
 */
export function SignedOut({ children }: { children: ReactNode }) {
  const status = useSession((session) => session.status)
  const [cameIn] = useState(status === 'in')
  const router = useRouter()

  useEffect(() => useSession.getState().restore(), [])
  useEffect(() => {
    if (status === 'in') router.replace(safeNext(new URLSearchParams(location.search).get('next')))
  }, [status, router])

  return cameIn && status === 'in' ? null : children
}
