import type { ReactNode } from 'react'
import { SignedOut } from '@/components/session/signed-out'
import { Brand } from '@/components/shell/brand'
import { ThemeToggle } from '@/components/shell/theme-toggle'

export default function AuthLayout({ children }: { children: ReactNode }) {
  return (
    <>
      <header className="flex items-center justify-between px-4 py-3 sm:px-6">
        <Brand />
        <ThemeToggle />
      </header>
      <main id="main" tabIndex={-1} className="grid flex-1 place-items-center px-4 pt-4 pb-16 outline-none sm:pb-32">
        <SignedOut>{children}</SignedOut>
      </main>
    </>
  )
}
