'use client'

import { Eye, EyeOff } from 'lucide-react'
import { useState, type ComponentProps } from 'react'
import { Labelled, control } from '@/components/ui/field'
import { cn } from '@/lib/cn'

type Props = Omit<ComponentProps<'input'>, 'type' | 'className'> & { label: string; hint?: string; error?: string }

/** A password, which one may look at while typing it. */
export function PasswordField({ label, hint, error, ...input }: Props) {
  const [shown, setShown] = useState(false)
  const Icon = shown ? EyeOff : Eye
  return (
    <Labelled label={label} hint={hint} error={error}>
      {(aria) => (
        <div className="relative">
          <input {...input} {...aria} type={shown ? 'text' : 'password'} autoCapitalize="none" autoCorrect="off" spellCheck={false} className={cn(control, 'pr-12')} />
          <button
            type="button"
            aria-label={`Show ${label.toLowerCase()}`}
            aria-pressed={shown}
            onClick={() => setShown(!shown)}
            className="absolute inset-y-0 right-0 grid w-11 place-items-center rounded-lg text-ink-faint transition-colors hover:text-ink"
          >
            <Icon aria-hidden className="size-4" />
          </button>
        </div>
      )}
    </Labelled>
  )
}
