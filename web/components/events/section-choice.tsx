import { cn } from '@/lib/cn'
import type { Listing } from '@/store/catalog'
import { moneyOrFree } from './price'
import { TicketBadge } from './ticket-badge'
import type { Section } from './use-selection'

/** The sections of an event, to choose one of; where there is only one, it is shown and not asked for. */
export function SectionChoice({ event, chosen, onChoose }: { event: Listing; chosen: Section | undefined; onChoose: (id: string) => void }) {
  const [only, ...others] = event.sections
  if (only && others.length === 0) {
    return (
      <div className="flex min-h-14 items-center rounded-xl border border-line bg-surface px-4">
        <Row section={only} currency={event.currency} />
      </div>
    )
  }
  return (
    <fieldset>
      <legend className="mb-2 text-sm font-medium">Section</legend>
      <div className="divide-y divide-line overflow-clip rounded-xl border border-line bg-surface">
        {event.sections.map((section) => (
          <Choice key={section.id} section={section} group={event.id} currency={event.currency} checked={section.id === chosen?.id} onChoose={onChoose} />
        ))}
      </div>
    </fieldset>
  )
}

type ChoiceProps = { section: Section; group: string; currency: string; checked: boolean; onChoose: (id: string) => void }

function Choice({ section, group, currency, checked, onChoose }: ChoiceProps) {
  return (
    <label
      className={cn(
        'flex min-h-14 items-center gap-3 px-4 transition-colors has-[input:not(:disabled)]:cursor-pointer',
        'has-[:focus-visible]:outline-2 has-[:focus-visible]:-outline-offset-2 has-[:focus-visible]:outline-accent',
        checked ? 'bg-sunken' : 'has-[input:not(:disabled)]:hover:bg-sunken/60',
      )}
    >
      <input
        type="radio"
        name={`section-${group}`}
        value={section.id}
        checked={checked}
        // The chosen one stays reachable when it sells out, so that the keyboard does not lose its place.
        disabled={section.remaining === 0 && !checked}
        onChange={() => onChoose(section.id)}
        className="size-4 shrink-0 accent-primary outline-none"
      />
      <Row section={section} currency={currency} />
    </label>
  )
}

function Row({ section, currency }: { section: Section; currency: string }) {
  return (
    <span className="flex min-w-0 flex-1 items-center gap-3 py-2 text-sm">
      <span className="flex min-w-0 flex-1 flex-wrap items-center justify-between gap-x-3 gap-y-1">
        <bdi className={cn('font-medium wrap-anywhere', section.remaining === 0 && 'text-ink-soft')}>{section.name}</bdi>
        <TicketBadge remaining={section.remaining} total={section.capacity} />
      </span>
      <span className="min-w-16 shrink-0 text-right font-medium tabular">{moneyOrFree(section.price, currency)}</span>
    </span>
  )
}
