import { ArrowDownUp, ChevronDown } from 'lucide-react'
import { control } from '@/components/ui/field'
import { cn } from '@/lib/cn'
import type { CatalogQuery } from '@/store/catalog'
import { sorts } from './events-query'

type Sort = Pick<CatalogQuery, 'sortBy' | 'sortOrder'>

/** Chooses by what events are sorted, and which way. On a phone it is a button with an icon over the native menu. */
export function SortSelect({ sort, onSort }: { sort: Sort; onSort: (sort: Sort) => void }) {
  const current = sorts.findIndex(({ sortBy, sortOrder }) => sortBy === sort.sortBy && sortOrder === sort.sortOrder)
  return (
    <div className="relative w-11 shrink-0 sm:w-54">
      <ArrowDownUp aria-hidden className="pointer-events-none absolute top-3.5 left-3.5 size-4 text-ink-faint" />
      <select
        aria-label="Sort events"
        value={current}
        onChange={(event) => {
          const chosen = sorts[Number(event.target.value)]
          if (chosen) onSort({ sortBy: chosen.sortBy, sortOrder: chosen.sortOrder })
        }}
        className={cn(control, 'appearance-none max-sm:px-0 max-sm:text-transparent sm:pr-9 sm:pl-10 [&>option]:bg-raised [&>option]:text-ink')}
      >
        {sorts.map(({ label }, index) => <option key={label} value={index}>{label}</option>)}
      </select>
      <ChevronDown aria-hidden className="pointer-events-none absolute top-3.5 right-3 hidden size-4 text-ink-faint sm:block" />
    </div>
  )
}
