import { MapPinOff } from 'lucide-react'
import { Brand } from '@/components/shell/brand'
import { ButtonLink } from '@/components/ui/button'
import { Notice } from '@/components/ui/notice'

export const metadata = { title: 'Not found' }

export default function NotFound() {
  return (
    <>
      <header className="px-4 py-3 sm:px-6"><Brand /></header>
      <main id="main" tabIndex={-1} className="outline-none">
        <h1 className="sr-only">Not found</h1>
        <Notice icon={MapPinOff} title="There is nothing here" text="The address may be mistyped, or what was here has moved.">
          <ButtonLink href="/events" variant="primary">See all events</ButtonLink>
        </Notice>
      </main>
    </>
  )
}
