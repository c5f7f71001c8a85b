import { useId, type ComponentProps, type ReactNode } from 'react'
import { cn } from '@/lib/cn'

export const control =
  'min-h-11 w-full rounded-lg border border-line-strong/60 bg-surface px-3 text-base text-ink transition-colors sm:text-sm ' +
  'hover:border-line-strong focus-visible:outline-offset-0 aria-invalid:border-bad disabled:bg-sunken disabled:text-ink-faint'

type Labelled = { label: string; hint?: ReactNode; error?: string; hideLabel?: boolean; className?: string }

/** A label, the control that `children` makes, a hint, and what is wrong with the value, tied together for screen readers. */
export function Labelled({ label, hint, error, hideLabel, className, children }: Labelled & { children: (aria: { id: string; 'aria-invalid'?: true; 'aria-describedby'?: string }) => ReactNode }) {
  const id = useId()
  const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ')
  return (
    <div className={cn('grid content-start gap-1.5', className)}>
      <label htmlFor={id} className={hideLabel ? 'sr-only' : 'text-sm font-medium text-ink'}>{label}</label>
      {children({ id, 'aria-invalid': error ? true : undefined, 'aria-describedby': described || undefined })}
      {error && <p id={`${id}-error`} role="alert" className="text-sm text-bad">{error}</p>}
      {hint && <p id={`${id}-hint`} className="text-sm text-ink-faint">{hint}</p>}
    </div>
  )
}

export function TextField({ label, hint, error, hideLabel, className, ...input }: ComponentProps<'input'> & Labelled) {
  return (
    <Labelled {...{ label, hint, error, hideLabel, className }}>
      {(aria) => <input {...input} {...aria} className={control} />}
    </Labelled>
  )
}

export function TextArea({ label, hint, error, hideLabel, className, ...input }: ComponentProps<'textarea'> & Labelled) {
  return (
    <Labelled {...{ label, hint, error, hideLabel, className }}>
      {(aria) => <textarea rows={4} {...input} {...aria} className={cn(control, 'py-2.5')} />}
    </Labelled>
  )
}

export function SelectField({ label, hint, error, hideLabel, className, children, ...input }: ComponentProps<'select'> & Labelled) {
  return (
    <Labelled {...{ label, hint, error, hideLabel, className }}>
      {(aria) => <select {...input} {...aria} className={cn(control, 'pr-8')}>{children}</select>}
    </Labelled>
  )
}
