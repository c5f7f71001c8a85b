import { formatMoney } from '@/lib/format'

type Priced = { price: number; currency: string; sections: readonly { price: number }[] }

/** What a ticket costs: "€49.00", "From €25.00" where sections differ, "Free". */
export function priceWords({ price, currency, sections }: Priced): string {
  const prices = sections.length > 0 ? sections.map((section) => section.price) : [price]
  const least = Math.min(...prices)
  if (Math.max(...prices) > least) return `From ${formatMoney(least, currency)}`
  return moneyOrFree(least, currency)
}

/** "€49.00", or "Free" */
export function moneyOrFree(amount: number, currency: string): string {
  return amount === 0 ? 'Free' : formatMoney(amount, currency)
}
