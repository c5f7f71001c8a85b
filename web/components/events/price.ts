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

/**
 * The price of so many tickets. It is multiplied in the currency's smallest unit, for 3 × 0.1 is not 0.3 in floating point.
 */
export function totalOf(price: number, quantity: number, currency: string): number {
  const decimals = new Intl.NumberFormat('en-US', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
  const unit = 10 ** decimals
  return (Math.round(price * unit) * quantity) / unit
}
