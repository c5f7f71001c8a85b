import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'

/** Says why there is nothing here, and what one can do about it: `children` are the way on. */
export function Notice({ icon: Icon, title, text, children }: { icon: LucideIcon; title: string; text: ReactNode; children?: ReactNode }) {
  return (
    <div className="mx-auto flex max-w-md flex-col items-center px-4 py-16 text-center sm:py-24">
      <span className="mb-5 grid size-12 place-items-center rounded-xl border border-line bg-surface text-ink-soft shadow-card">
        <Icon aria-hidden className="size-5" />
      </span>
      <h2 className="text-lg font-semibold">{title}</h2>
      <p className="mt-1 text-pretty text-ink-soft">{text}</p>
      {children && <div className="mt-6 flex flex-wrap justify-center gap-2">{children}</div>}
    </div>
  )
}
