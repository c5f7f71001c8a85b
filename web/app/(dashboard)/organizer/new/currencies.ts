/** What one can sell in: common ones of the codes that the API takes, which are all of ISO 4217. */
export const currencies = [
  'USD', 'EUR', 'GBP', 'AED', 'ARS', 'AUD', 'BHD', 'BRL', 'CAD', 'CHF', 'CLP', 'CNY', 'COP', 'CZK', 'DKK', 'EGP', 'HKD', 'HUF',
  'ILS', 'INR', 'JPY', 'KES', 'KRW', 'KWD', 'MAD', 'MXN', 'MYR', 'NGN', 'NOK', 'NZD', 'PEN', 'PHP', 'PLN', 'QAR', 'SAR', 'SEK', 'SGD',
  'THB', 'TND', 'TRY', 'TWD', 'UAH', 'VND', 'ZAR',
] as const

const names = new Intl.DisplayNames('en-US', { type: 'currency' })

/** "EUR – Euro" */
export function currencyLabel(code: string): string {
  return `${code} – ${names.of(code) ?? code}`
}
