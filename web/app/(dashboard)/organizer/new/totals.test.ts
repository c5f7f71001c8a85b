import { describe, expect, test } from 'vitest'
import { decimal } from '@/lib/money'
import { totals } from './totals'

const sections = (price: string) => [{ price, capacity: '3' }, { price: '7', capacity: '1000000' }]

describe('totals', () => {
  test('ten cents three times are thirty cents', () => {
    const { value } = totals([{ price: '0.10', capacity: '3' }], 'USD')
    expect(decimal(value, 'USD')).toBe('0.30')
  })

  test('sections add up exactly in currencies of 0, 2 and 3 decimals', () => {
    expect(decimal(totals(sections('1500'), 'JPY').value, 'JPY')).toBe('7004500')
    expect(decimal(totals(sections('0.07'), 'EUR').value, 'EUR')).toBe('7000000.21')
    expect(decimal(totals(sections('0.007'), 'KWD').value, 'KWD')).toBe('7000000.021')
  })

  test('the largest sale the API takes is exact', () => {
    const largest = Array.from({ length: 100 }, () => ({ price: '9999999999.99', capacity: '1000000' }))
    expect(decimal(totals(largest, 'USD').value, 'USD')).toBe('999999999999000000.00')
  })

  test('what is not filled in yet counts nothing', () => {
    expect(totals([{ price: '', capacity: '5' }, { price: '10', capacity: '' }, { price: '2', capacity: '1.5' }], 'USD')).toEqual({ seats: 5, value: 0n })
  })
})
