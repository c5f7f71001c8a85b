import { describe, expect, it } from 'vitest'
import { priceWords } from './price'

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
