'use client'

import { CalendarDays, ChartNoAxesColumn, Ticket } from 'lucide-react'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { cn } from '@/lib/cn'

const places = [
  { href: '/events', label: 'Events', icon: CalendarDays },
  { href: '/bookings', label: 'My bookings', icon: Ticket },
  { href: '/organizer', label: 'Organize', icon: ChartNoAxesColumn },
] as const

/** The three places: beside the name on a wide screen, along the bottom on a phone. */
export function Nav() {
  const path = usePathname()
  return (
    <nav
      aria-label="Main"
      className={cn(
        'fixed inset-x-0 bottom-0 z-30 border-t border-line bg-surface/95 pb-[env(safe-area-inset-bottom)] backdrop-blur',
        'sm:static sm:border-0 sm:bg-transparent sm:pb-0 sm:backdrop-blur-none',
      )}
    >
      <ul className="grid grid-cols-3 sm:flex sm:gap-1">
        {places.map(({ href, label, icon: Icon }) => {
          const here = path === href || path.startsWith(`${href}/`)
          return (
            <li key={href}>
              <Link
                href={href}
                aria-current={here ? 'page' : undefined}
                className={cn(
                  'flex min-h-14 flex-col items-center justify-center gap-0.5 text-xs font-medium transition-colors',
                  'sm:min-h-11 sm:flex-row sm:rounded-lg sm:px-3 sm:text-sm',
                  here ? 'text-ink sm:bg-sunken' : 'text-ink-faint hover:text-ink sm:text-ink-soft',
                )}
              >
                <Icon aria-hidden className="size-5 sm:hidden" />
                {label}
              </Link>
            </li>
          )
        })}
      </ul>
    </nav>
  )
}
