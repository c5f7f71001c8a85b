'use client'

import { ThemeProvider } from 'next-themes'
import dynamic from 'next/dynamic'
import type { ReactNode } from 'react'

// Nothing has to be told before the page is there.
const Toasts = dynamic(() => import('./toasts').then((m) => m.Toasts), { ssr: false })

/** What every page has around it. */
export function Providers({ children }: { children: ReactNode }) {
  return (
    <ThemeProvider attribute="class" defaultTheme="system" enableSystem>
      {children}
      <Toasts />
    </ThemeProvider>
  )
}
