'use client'

import { LogOut, UserRound } from 'lucide-react'
import { useId } from 'react'
import { Button } from '@/components/ui/button'
import { Skeleton } from '@/components/ui/skeleton'
import { notify } from '@/lib/notify'
import { useSession } from '@/store/session'

/** Who is logged in, and the way out. A native popover: it closes on Escape and on a press beside it, and gives the focus back. */
export function AccountMenu() {
  const user = useSession((session) => session.user)
  const id = useId()
  return (
    <>
      <button type="button" popoverTarget={id} aria-label="Account" className="group grid size-11 shrink-0 place-items-center rounded-full">
        <span className="grid size-8 place-items-center rounded-full bg-accent-soft text-sm font-semibold text-accent transition-shadow group-hover:shadow-[0_0_0_3px_var(--sunken)]">
          {user ? <span aria-hidden>{initial(user.name)}</span> : <UserRound aria-hidden className="size-4" />}
        </span>
      </button>
      <div
        id={id}
        popover="auto"
        className="fixed top-[4.25rem] right-[max(1rem,calc((100%-72rem)/2+1.5rem))] bottom-auto left-auto m-0 w-[min(17rem,calc(100vw-2rem))] rounded-xl border border-line bg-raised p-1.5 text-ink shadow-float open:animate-rise"
      >
        <div className="mx-4 mt-2 mb-2">
          {user ? (
            <>
              <p className="truncate text-sm font-medium">{user.name}</p>
              <p className="truncate text-sm text-ink-faint">{user.email}</p>
            </>
          ) : (
            <>
              <Skeleton className="h-5 w-28" />
              <Skeleton className="mt-1 h-4 w-40" />
            </>
          )}
        </div>
        <Button variant="quiet" onClick={leave} className="w-full justify-start">
          <LogOut aria-hidden className="size-4" />
          Log out
        </Button>
      </div>
    </>
  )
}

async function leave() {
  if (await useSession.getState().logOut()) return
  void notify('info', 'You are logged out in this browser', {
    description: 'The server could not be told. We will tell it as soon as it can be reached.',
  })
}

/** The first letter as one reads it, whatever it is made of. */
function initial(name: string): string {
  const [first] = new Intl.Segmenter().segment(name.trim())
  return first?.segment.toLocaleUpperCase() ?? ''
}
