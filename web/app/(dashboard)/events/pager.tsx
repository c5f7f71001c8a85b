import { ChevronLeft, ChevronRight } from 'lucide-react'
import { ButtonLink } from '@/components/ui/button'
import { cn } from '@/lib/cn'
import { formatNumber } from '@/lib/format'

type Props = { page: number; pages: number; hrefOf: (page: number) => string; onTurn: (href: string) => void }

/** Leads to the page before and after. Real links, so that they open in a new tab too. */
export function Pager({ page, pages, hrefOf, onTurn }: Props) {
  if (pages <= 1) return null
  return (
    <nav aria-label="Pages" className="mt-8 flex items-center justify-between gap-4">
      <Turn to={page - 1} pages={pages} rel="prev" {...{ hrefOf, onTurn }}><ChevronLeft aria-hidden className="size-4" /> Previous</Turn>
      <p className="text-sm text-ink-soft tabular">Page {formatNumber(page)} of {formatNumber(pages)}</p>
      <Turn to={page + 1} pages={pages} rel="next" {...{ hrefOf, onTurn }}>Next <ChevronRight aria-hidden className="size-4" /></Turn>
    </nav>
  )
}

function Turn({ to, pages, rel, hrefOf, onTurn, children }: Omit<Props, 'page'> & { to: number; rel: 'prev' | 'next'; children: React.ReactNode }) {
  const href = hrefOf(to)
  const there = to >= 1 && to <= pages
  return (
    <ButtonLink
      href={href}
      rel={rel}
      prefetch={false}
      aria-hidden={there ? undefined : true}
      tabIndex={there ? undefined : -1}
      onNavigate={(navigation) => {
        navigation.preventDefault()
        onTurn(href)
      }}
      className={cn(!there && 'invisible')}
    >
      {children}
    </ButtonLink>
  )
}
