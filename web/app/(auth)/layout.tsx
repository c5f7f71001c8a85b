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
      <main id="main" tabIndex={-1} className="grid flex-1 content-start justify-items-center px-4 pt-[6vh] pb-16 outline-none sm:pt-[12vh]">
        <SignedOut>{children}</SignedOut>
      </main>
    </>
  )
}
