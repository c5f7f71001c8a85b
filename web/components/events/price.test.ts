import { describe, expect, it } from 'vitest'
import { priceWords, totalOf } from './price'

const at = (...prices: number[]) => ({ price: prices[0] ?? 0, currency: 'EUR', sections: prices.map((price) => ({ price })) })

describe('the price on a card', () => {
  it.each([
    ['one section', at(49), '€49.00'],
    ['sections that cost the same', at(49, 49), '€49.00'],
    ['sections that differ', at(120, 45, 25), 'From €25.00'],
    ['nothing to pay', at(0), 'Free'],
    ['something free among others', at(0, 10), 'From €0.00'],
  ])('%s', (_, event, words) => expect(priceWords(event)).toBe(words))
})

describe('a total', () => {
  it.each([
    [0.1, 3, 'EUR', 0.3],
    [19.99, 3, 'USD', 59.97],
    [9000, 10, 'JPY', 90000],
    [1.005, 3, 'KWD', 3.015],
  ])('%d × %d %s is %d', (price, quantity, currency, total) => expect(totalOf(price, quantity, currency)).toBe(total))
})
