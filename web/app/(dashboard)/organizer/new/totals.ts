import { minorUnits } from '@/lib/money'

/** How many seats the sections have together, and what they bring when all are sold. What is not filled in yet counts nothing. */
export function totals(sections: readonly { price: string; capacity: string }[], currency: string): { seats: number; value: bigint } {
  let seats = 0
  let value = 0n
  for (const { price, capacity } of sections) {
    if (!/^\d{1,7}$/.test(capacity.trim())) continue
    seats += Number(capacity)
    value += BigInt(capacity.trim()) * (minorUnits(price, currency) ?? 0n)
  }
  return { seats, value }
}
