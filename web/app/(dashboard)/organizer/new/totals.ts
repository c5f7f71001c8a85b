/** How many decimals a currency has. */
export function decimals(currency: string): number {
  return new Intl.NumberFormat('en-US', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
}

/** The minor units of a price as people write it ("49.9"): exact, or null when it is no number or has too many decimals. */
export function minorUnits(price: string, currency: string): bigint | null {
  const [, whole, fraction = ''] = /^(\d{1,15})(?:\.(\d*))?$/.exec(price.trim()) ?? []
  const places = decimals(currency)
  const needed = fraction.replace(/0+$/, '')
  if (whole === undefined || needed.length > places) return null
  return BigInt(whole + needed.padEnd(places, '0'))
}

/** Minor units as a decimal number ("49.90"), without a float in between. */
export function decimal(minor: bigint, currency: string): string {
  const places = decimals(currency)
  const digits = minor.toString().padStart(places + 1, '0')
  return places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`
}

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
