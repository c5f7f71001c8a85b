import { LiveNumber } from '@/components/events/live-number'
import { moneyOrFree } from '@/components/events/price'
import { Card } from '@/components/organizer/card'
import { TakenBar } from '@/components/organizer/taken-bar'
import { formatNumber } from '@/lib/format'
import type { Listing } from '@/store/catalog'

/** How far each section has sold, live. */
export function Sections({ event }: { event: Listing }) {
  return (
    <Card title="Sections">
      <ul className="grid grid-cols-1 gap-4">
        {event.sections.map(({ id, name, price, capacity, remaining }) => (
          <li key={id} className="grid grid-cols-1 gap-1.5 text-sm">
            <p className="flex justify-between gap-4">
              <bdi className="min-w-0 truncate font-medium">{name}</bdi>
              <span className="shrink-0 tabular text-ink-soft">{moneyOrFree(price, event.currency)}</span>
            </p>
            <TakenBar taken={capacity - remaining} total={capacity} />
            <p className="flex justify-between gap-4 text-ink-soft">
              <span><LiveNumber value={capacity - remaining} /> of <span className="tabular">{formatNumber(capacity)}</span> taken</span>
              <span>{remaining === 0 ? 'Sold out' : <><LiveNumber value={remaining} /> left</>}</span>
            </p>
          </li>
        ))}
      </ul>
    </Card>
  )
}
