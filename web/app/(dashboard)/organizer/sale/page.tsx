import type { Metadata } from 'next'
import { Suspense } from 'react'
import { BackLink } from '@/components/organizer/back-link'
import { OpenSale } from './open-sale'
import { SaleSkeleton } from './sale-skeleton'

export const metadata: Metadata = { title: 'Sale' }

export default function SalePage() {
  return (
    <>
      <BackLink href="/organizer">My events</BackLink>
      <Suspense fallback={<SaleSkeleton />}>
        <OpenSale />
      </Suspense>
    </>
  )
}
