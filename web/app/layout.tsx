import './globals.css'
import { GeistSans } from 'geist/font/sans'
import type { Metadata, Viewport } from 'next'
import type { ReactNode } from 'react'
import { Providers } from '@/components/shell/providers'
import { sessionGate } from '@/lib/session-hint'
import { themeGate } from '@/lib/theme-gate'

export const metadata: Metadata = {
  title: { default: 'Onsale', template: '%s · Onsale' },
  description: 'Tickets for events everybody wants, with counts that are true while you look at them.',
  applicationName: 'Onsale',
  manifest: '/manifest.webmanifest',
}

export const viewport: Viewport = {
  viewportFit: 'cover',
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#fafafa' },
    { media: '(prefers-color-scheme: dark)', color: '#0c0d10' },
  ],
}

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    // The theme's class is set by a script before the first paint.
    <html lang="en" suppressHydrationWarning className={GeistSans.variable}>
      <head>
        <script dangerouslySetInnerHTML={{ __html: sessionGate }} />
        <script dangerouslySetInnerHTML={{ __html: themeGate }} />
      </head>
      <body className="flex min-h-dvh flex-col antialiased">
        <a href="#main" className="sr-only z-50 rounded-lg bg-primary px-4 py-3 text-sm font-medium text-on-primary focus:not-sr-only focus:fixed focus:top-3 focus:left-3">
          Skip to content
        </a>
        <Providers>{children}</Providers>
      </body>
    </html>
  )
}
