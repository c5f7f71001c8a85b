import type { ComponentProps } from 'react'
import Link from 'next/link'
import { cn } from '@/lib/cn'
import { Spinner } from './spinner'

const base =
  'inline-flex min-h-11 shrink-0 items-center justify-center gap-2 rounded-lg text-sm font-medium whitespace-nowrap select-none ' +
  'transition-[background-color,border-color,color,scale] duration-150 active:not-disabled:scale-[0.985] disabled:cursor-not-allowed'

const variants = {
  /** The one thing to do here. */
  primary: 'bg-primary text-on-primary hover:not-disabled:bg-primary-hover disabled:bg-sunken disabled:text-ink-faint',
  secondary: 'border border-line bg-surface text-ink hover:not-disabled:border-line-strong disabled:text-ink-faint',
  quiet: 'text-ink-soft hover:not-disabled:bg-sunken hover:not-disabled:text-ink disabled:text-ink-faint',
  danger: 'border border-bad/30 bg-bad-soft text-bad hover:not-disabled:border-bad disabled:text-ink-faint',
  /** A thing that has been done. */
  done: 'bg-good-soft text-good',
} as const

type Look = { variant?: keyof typeof variants; square?: boolean }

function look({ variant = 'secondary', square }: Look, className?: string): string {
  return cn(base, variants[variant], square ? 'w-11' : 'px-4', className)
}

/**
 * A button of at least 44 px. `busy` shows a spinner. Busy or `aria-disabled` it says so to screen readers and takes no
 * clicks, but keeps the focus, which a disabled button would lose.
 */
export function Button({ variant, square, busy = false, className, children, onClick, 'aria-disabled': off, ...rest }: ComponentProps<'button'> & Look & { busy?: boolean }) {
  const idle = busy || off === true
  return (
    <button
      type="button"
      {...rest}
      aria-busy={busy || undefined}
      aria-disabled={idle || undefined}
      onClick={idle ? (event) => event.preventDefault() : onClick}
      className={look({ variant, square }, cn(busy && 'cursor-progress opacity-80', className))}
    >
      {busy && <Spinner />}
      {children}
    </button>
  )
}

/** A link that looks like a button. */
export function ButtonLink({ variant, square, className, ...rest }: ComponentProps<typeof Link> & Look) {
  return <Link {...rest} className={look({ variant, square }, className)} />
}
