import { ChevronLeft, ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button, ButtonLink } from '@/components/ui/button'
import { formatNumber } from '@/lib/format'

type Props = {
  label: string
  page: number
  totalPages: number
  /** The address of a page, where pages have one: its button is a link then, which opens in a new tab too. */
  hrefOf?: (page: number) => string
  onTurn: (page: number) => void
}

/** Turns pages, counted from 1. There is nothing to see where there is one page only. */
export function Pager({ label, page, totalPages, ...turning }: Props) {
  if (totalPages <= 1) return null
  return (
    <nav aria-label={label} className="mt-6 flex items-center justify-between gap-2">
      <Turn to={page - 1} there={page > 1} rel="prev" {...turning}>
        <ChevronLeft aria-hidden className="size-4" />
        Previous
      </Turn>
      <p className="text-sm whitespace-nowrap text-ink-soft tabular">Page {formatNumber(page)} of {formatNumber(totalPages)}</p>
      <Turn to={page + 1} there={page < totalPages} rel="next" {...turning}>
        Next
        <ChevronRight aria-hidden className="size-4" />
      </Turn>
    </nav>
  )
}

type TurnProps = Pick<Props, 'hrefOf' | 'onTurn'> & { to: number; there: boolean; rel: 'prev' | 'next'; children: ReactNode }

function Turn({ to, there, rel, hrefOf, onTurn, children }: TurnProps) {
  if (!there || !hrefOf) return <Button disabled={!there} onClick={() => onTurn(to)}>{children}</Button>
  return (
    <ButtonLink
      href={hrefOf(to)}
      rel={rel}
      prefetch={false}
      onNavigate={(navigation) => {
        navigation.preventDefault()
        onTurn(to)
      }}
    >
      {children}
    </ButtonLink>
  )
}
