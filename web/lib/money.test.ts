import { readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { decimals, minorUnits, totalOf } from './money'

test("every currency has the decimals that the API gives it", () => {
  const source = readFileSync('../transport/rest/money.go', 'utf8')
  const cases = [...source.matchAll(/case ((?:"[A-Z]{3}",? ?)+):\s+return (\d)/g)]
  const table = new Map(cases.flatMap(([, codes = '', count]) => [...codes.matchAll(/[A-Z]{3}/g)].map(([code]) => [code, Number(count)] as const)))
  expect(table.size).toBeGreaterThan(20)
  const all = Array.from({ length: 26 ** 3 }, (_, i) => String.fromCharCode(65 + Math.floor(i / 676), 65 + (Math.floor(i / 26) % 26), 65 + (i % 26)))
  expect(all.filter((code) => decimals(code) !== (table.get(code) ?? 2))).toEqual([])
})

describe('a total', () => {
  it.each([
    [0.1, 3, 'EUR', 0.3],
    [19.99, 3, 'USD', 59.97],
    [9000, 10, 'JPY', 90000],
    [1.005, 3, 'KWD', 3.015],
    [100.5, 5, 'HUF', 502.5],
  ])('%d × %d %s is %d', (price, quantity, currency, total) => expect(totalOf(price, quantity, currency)).toBe(total))
})

describe('minorUnits', () => {
  test.each<[string, string, string, bigint | null]>([
    ['two decimals', '49.99', 'USD', 4999n],
    ['one decimal is tens', '49.9', 'USD', 4990n],
    ['none', '49', 'USD', 4900n],
    ['a point and nothing after it', '49.', 'USD', 4900n],
    ['zeros beyond the last decimal say nothing', '49.9900', 'USD', 4999n],
    ['a currency without decimals', '1500', 'JPY', 1500n],
    ['a currency without decimals takes zeros', '1500.00', 'JPY', 1500n],
    ['a currency without decimals takes no others', '1500.5', 'JPY', null],
    ['a currency of three decimals', '1.234', 'KWD', 1234n],
    ['too many decimals', '1.999', 'USD', null],
    ['below zero', '-1', 'USD', null],
    ['an exponent', '1e3', 'USD', null],
    ['a comma', '1,50', 'USD', null],
    ['nothing', '', 'USD', null],
    ['free', '0', 'USD', 0n],
  ])('%s', (_, price, currency, minor) => {
    expect(minorUnits(price, currency)).toBe(minor)
  })
})
