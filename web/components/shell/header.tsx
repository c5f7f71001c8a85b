import { AccountMenu } from '@/components/session/account-menu'
import { LiveMark } from '@/components/live/live-mark'
import { Brand } from './brand'
import { Nav } from './nav'
import { ThemeToggle } from './theme-toggle'

export function Header() {
  return (
    // On a phone nothing is blurred: a filter here would tie the tab bar, which is fixed to the screen, to the header.
    <header className="sticky top-0 z-20 border-b border-line bg-canvas sm:bg-canvas/90 sm:backdrop-blur">
      <div className="mx-auto flex h-16 max-w-6xl items-center gap-1 px-4 sm:gap-4 sm:px-6">
        <Brand />
        <Nav />
        <div className="ml-auto flex items-center gap-1">
          <LiveMark />
          <ThemeToggle />
          <AccountMenu />
        </div>
      </div>
    </header>
  )
}
