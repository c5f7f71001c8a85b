/**
 * What one can sell in. The API takes every code of ISO 4217; these are common ones, of which the browser's idea of their
 * decimals is the API's.
 */
export const currencies = [
  'USD', 'EUR', 'GBP', 'AED', 'ARS', 'AUD', 'BHD', 'BRL', 'CAD', 'CHF', 'CLP', 'CNY', 'COP', 'CZK', 'DKK', 'EGP', 'HKD', 'ILS',
  'INR', 'JPY', 'KES', 'KRW', 'KWD', 'MAD', 'MXN', 'MYR', 'NGN', 'NOK', 'NZD', 'PEN', 'PHP', 'PLN', 'QAR', 'SAR', 'SEK', 'SGD',
  'THB', 'TND', 'TRY', 'TWD', 'UAH', 'VND', 'ZAR',
] as const

const names = new Intl.DisplayNames('en-US', { type: 'currency' })

/** "EUR – Euro" */
export function currencyLabel(code: string): string {
  return `${code} – ${names.of(code) ?? code}`
}
