// Amounts of money as the API counts them: in whole minor units of a currency, of which ISO 4217 says how many decimals they
// are. Browsers have other ideas of some: what is charged is what the API says, so that is what is shown.

/** The currencies that have not two decimals; the same as the API's. */
const places = new Map<string, number>()
for (const code of 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' ')) places.set(code, 0)
for (const code of 'BHD IQD JOD KWD LYD OMR TND'.split(' ')) places.set(code, 3)
for (const code of 'CLF UYW'.split(' ')) places.set(code, 4)

/** How many decimals a currency has. */
export function decimals(currency: string): number {
  return places.get(currency) ?? 2
}

/** The minor units of a price as people write it ("49.9"): exact, or null when it is no number or has too many decimals. */
export function minorUnits(price: string, currency: string): bigint | null {
  const [, whole, fraction = ''] = /^(\d{1,15})(?:\.(\d*))?$/.exec(price.trim()) ?? []
  const needed = fraction.replace(/0+$/, '')
  if (whole === undefined || needed.length > decimals(currency)) return null
  return BigInt(whole + needed.padEnd(decimals(currency), '0'))
}

/** Minor units as a decimal number ("49.90"), without a float in between. */
export function decimal(minor: bigint, currency: string): string {
  const after = decimals(currency)
  const digits = minor.toString().padStart(after + 1, '0')
  return after === 0 ? digits : `${digits.slice(0, -after)}.${digits.slice(-after)}`
}

/** The price of so many tickets. It is multiplied in minor units, for 3 × 0.1 is not 0.3 in floating point. */
export function totalOf(price: number, quantity: number, currency: string): number {
  const unit = 10 ** decimals(currency)
  return (Math.round(price * unit) * quantity) / unit
}
