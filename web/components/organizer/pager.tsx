import { ChevronLeft, ChevronRight } from 'lucide-react'
import { Button } from '@/components/ui/button'
import { formatNumber } from '@/lib/format'

/** Turns pages, counted from 1. There is nothing to see where there is one page only. */
export function Pager({ label, page, totalPages, onTurn }: { label: string; page: number; totalPages: number; onTurn: (page: number) => void }) {
  if (totalPages <= 1) return null
  return (
    <nav aria-label={label} className="mt-4 flex items-center justify-between gap-2">
      <Button disabled={page <= 1} onClick={() => onTurn(page - 1)}>
        <ChevronLeft aria-hidden className="size-4" />
        Previous
      </Button>
      <p className="text-sm whitespace-nowrap text-ink-soft tabular">Page {formatNumber(page)} of {formatNumber(totalPages)}</p>
      <Button disabled={page >= totalPages} onClick={() => onTurn(page + 1)}>
        Next
        <ChevronRight aria-hidden className="size-4" />
      </Button>
    </nav>
  )
}
