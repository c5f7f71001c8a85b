import type { ReactNode } from 'react'
import { cn } from '@/lib/cn'

/** A part of a page with its heading, and what one can do with it beside that. */
export function Card({ title, action, className, children }: { title: string; action?: ReactNode; className?: string; children: ReactNode }) {
  return (
    <section aria-label={title} className={cn('min-w-0 rounded-xl border border-line bg-surface shadow-card', className)}>
      <div className="flex min-h-15 flex-wrap items-center justify-between gap-x-4 gap-y-2 px-4 pt-3 sm:px-5 sm:pt-2">
        <h2 className="font-semibold">{title}</h2>
        {action}
      </div>
      <div className="px-4 pt-1 pb-4 sm:px-5 sm:pb-5">{children}</div>
    </section>
  )
}
