'use client'

import { X } from 'lucide-react'
import { useEffect, useId, useRef, type ReactNode } from 'react'
import { cn } from '@/lib/cn'
import { Button } from './button'

const shapes = {
  /** In the middle; on a phone at the bottom. */
  box:
    'fixed inset-x-0 bottom-0 top-auto m-0 w-full max-w-none rounded-t-2xl border border-line open:animate-rise ' +
    'sm:inset-0 sm:m-auto sm:h-fit sm:w-full sm:max-w-md sm:rounded-2xl',
  /** Along the right edge; on a phone from the bottom, nearly full height whatever it has, so that nothing moves when more comes. */
  sheet:
    'fixed inset-x-0 bottom-0 top-auto m-0 h-[92dvh] max-h-none w-full max-w-none rounded-t-2xl border border-line open:animate-rise ' +
    'sm:inset-y-0 sm:left-auto sm:right-0 sm:h-dvh sm:max-w-lg sm:rounded-none sm:border-y-0 sm:border-r-0',
} as const

/**
 * A native modal dialog: the browser traps the focus, closes on Escape and gives the focus back to where it was. It is
 * open for as long as it is rendered; `onClose` is asked for by Escape, the cross and a press beside it. The focus begins at
 * what has `data-focus-first`, else at the heading.
 */
export function Dialog({ title, shape = 'box', onClose, children, footer }: { title: ReactNode; shape?: keyof typeof shapes; onClose: () => void; children: ReactNode; footer?: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()

  useEffect(() => {
    const shown = dialog.current
    const before = document.activeElement
    shown?.showModal()
    const first = shown?.querySelector<HTMLElement>('[data-focus-first]') ?? shown?.querySelector('h2')
    first?.focus()
    return () => {
      shown?.close()
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])

  return (
    // The press beside it is for the mouse; the keyboard has Escape and the cross.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <dialog
      ref={dialog}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onClick={(event) => event.target === event.currentTarget && onClose()}
      className={cn('overflow-hidden bg-raised p-0 text-ink shadow-float', shapes[shape])}
    >
      <div className="flex h-full max-h-[inherit] flex-col">
        <header className="flex items-start justify-between gap-4 px-5 pt-4 pb-2">
          <h2 id={heading} tabIndex={-1} className="pt-2 text-lg outline-none leading-snug font-semibold">{title}</h2>
          <Button variant="quiet" square aria-label="Close" onClick={onClose} className="-mr-2">
            <X aria-hidden className="size-5" />
          </Button>
        </header>
        <div className="min-h-0 flex-1 overflow-y-auto px-5 pb-5">{children}</div>
        {footer && <footer className="border-t border-line bg-raised px-5 py-4 pb-[max(1rem,env(safe-area-inset-bottom))]">{footer}</footer>}
      </div>
    </dialog>
  )
}
