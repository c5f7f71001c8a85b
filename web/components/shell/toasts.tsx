'use client'

import { CircleAlert, CircleCheck, Info } from 'lucide-react'
import { useTheme } from 'next-themes'
import { Toaster } from 'sonner'

/** Where notifications appear: above the tab bar on a phone, in the corner elsewhere. */
export function Toasts() {
  const { resolvedTheme } = useTheme()
  return (
    <Toaster
      theme={resolvedTheme === 'dark' ? 'dark' : 'light'}
      position="bottom-right"
      mobileOffset={{ bottom: 80 }}
      gap={8}
      icons={{
        success: <CircleCheck aria-hidden className="size-4 text-good" />,
        error: <CircleAlert aria-hidden className="size-4 text-bad" />,
        info: <Info aria-hidden className="size-4 text-accent" />,
      }}
      toastOptions={{
        classNames: {
          toast: '!rounded-xl !border-line !bg-raised !font-sans !text-sm !text-ink !shadow-float',
          title: '!font-medium',
          description: '!text-ink-soft',
        },
      }}
    />
  )
}
