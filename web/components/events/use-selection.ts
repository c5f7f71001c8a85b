import { useState } from 'react'
import { totalOf } from '@/lib/money'
import type { Listing } from '@/store/catalog'

export type Section = Listing['sections'][number]

/** The most that one booking may have. */
export const mostPerBooking = 10

export type Selection = {
  /** The chosen section. It stays the chosen one when it sells out: a buyer's choice is not changed behind their back. */
  section: Section | undefined
  quantity: number
  /** The most that can be chosen now; 0 when there is nothing left. */
  most: number
  /** What that costs, in the event's currency. */
  total: number
  choose: (sectionId: string) => void
  setQuantity: (quantity: number) => void
}

/**
 * What a buyer has chosen of an event. At first it is the cheapest section with tickets, whose price the card has told. Fewer
 * left means fewer chosen, except while `booking`: then the choice stands as it was sent, for the counts that are shown
 * have it subtracted already.
 */
export function useSelection(event: Listing | undefined, booking: boolean): Selection {
  const [chosen, choose] = useState<string>()
  const [wanted, setQuantity] = useState(1)

  const first = cheapest(event?.sections.filter(({ remaining }) => remaining > 0)) ?? event?.sections[0]
  if (chosen === undefined && first) choose(first.id)

  const section = event?.sections.find(({ id }) => id === chosen) ?? first
  const most = Math.min(mostPerBooking, section?.remaining ?? 0)
  const quantity = booking ? wanted : Math.max(1, Math.min(wanted, most))
  return {
    section,
    quantity,
    most,
    total: event && section ? totalOf(section.price, quantity, event.currency) : 0,
    choose,
    setQuantity,
  }
}

function cheapest(sections: readonly Section[] = []): Section | undefined {
  return sections.toSorted((a, b) => a.price - b.price)[0]
}
