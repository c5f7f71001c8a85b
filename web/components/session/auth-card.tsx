'use client'

import { CircleAlert, Cookie } from 'lucide-react'
import Link from 'next/link'
import { useSyncExternalStore, type ReactNode } from 'react'
import { Button } from '@/components/ui/button'

type Other = { question: string; label: string; path: '/login' | '/register' }

/** The frame of the log-in and registration forms, with the way to the other one. */
export function AuthCard({ title, text, other, children }: { title: string; text: string; other: Other; children: ReactNode }) {
  const query = useSyncExternalStore(never, () => location.search, () => '') // keeps ?next=
  const cookies = useSyncExternalStore(never, () => navigator.cookieEnabled, () => true)
  return (
    <div className="w-full max-w-[25rem]">
      <div className="rounded-2xl border border-line bg-surface p-6 shadow-card sm:p-8">
        <h1 className="text-2xl font-semibold tracking-tight">{title}</h1>
        <p className="mt-1 text-ink-soft">{text}</p>
        {!cookies && (
          <p role="alert" className="mt-5 flex gap-2.5 rounded-lg bg-warn-soft px-3 py-2.5 text-sm text-warn">
            <Cookie aria-hidden className="mt-0.5 size-4 shrink-0" />
            Your browser blocks cookies. Allow them for this site, or you will be logged out whenever a page is loaded.
          </p>
        )}
        {children}
      </div>
      <p className="mt-4 text-center text-sm text-ink-soft">
        {other.question}{' '}
        <Link href={`${other.path}${query}`} className="inline-flex min-h-11 items-center rounded font-medium text-ink underline decoration-line-strong underline-offset-4 hover:decoration-ink">
          {other.label}
        </Link>
      </p>
    </div>
  )
}

const never = () => () => undefined

/** The button that sends the form, below why the form as a whole was refused. */
export function Submit({ problem, busy, children }: { problem?: string; busy: boolean; children: ReactNode }) {
  return (
    <div className="grid">
      <div role="alert">
        {problem && (
          <p className="mb-5 flex gap-2.5 rounded-lg bg-bad-soft px-3 py-2.5 text-sm text-bad">
            <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
            {problem}
          </p>
        )}
      </div>
      <Button type="submit" variant="primary" busy={busy}>{children}</Button>
    </div>
  )
}
