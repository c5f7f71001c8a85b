import type { ReactNode } from 'react'
import { SignedIn } from '@/components/session/signed-in'
import { ConnectionBar } from '@/components/shell/connection-bar'
import { Header } from '@/components/shell/header'

export default function DashboardLayout({ children }: { children: ReactNode }) {
  return (
    <SignedIn>
      <Header />
      <ConnectionBar />
      <main id="main" tabIndex={-1} className="mx-auto w-full max-w-6xl flex-1 px-4 pt-6 pb-28 outline-none sm:px-6 sm:pt-10 sm:pb-20">
        {children}
      </main>
    </SignedIn>
  )
}
