import { card, listOf, sheetOf, sheet } from './places'
import { expect, test } from './test'

const evening = { date: '2031-03-15T19:00:00Z', timeZone: 'Europe/Berlin', currency: 'EUR', venue: 'Kleiner Saal' }

test('dates are in the reader’s zone, with the clock at the venue where it differs', async ({ page, signIn, buyer, onSale }) => {
  const event = await onSale(evening)
  await signIn(page, buyer, listOf(event))
  await expect(card(page, event)).toContainText('March 15, 2031 at 3:00 PM')
  await page.goto(sheetOf(event))
  await expect(sheet(page, event)).toContainText('March 15, 2031 at 3:00 PM')
  await expect(sheet(page, event)).toContainText('8:00 PM in Berlin (GMT+1)')

  await buyer.books(event)
  await page.goto('/bookings')
  await expect(page.getByRole('main')).toContainText('March 15, 2031 at 3:00 PM')
  await expect(page.getByRole('main')).toContainText('8:00 PM in Berlin (GMT+1)')
})

test.describe('at the venue', () => {
  test.use({ timezoneId: 'Europe/Berlin' })

  test('the time is said once', async ({ page, signIn, buyer, onSale }) => {
    const event = await onSale(evening)
    await signIn(page, buyer, sheetOf(event))
    await expect(sheet(page, event)).toContainText('March 15, 2031 at 8:00 PM')
    await expect(sheet(page, event)).not.toContainText('in Berlin')
  })
})

test('prices have their currency’s sign and decimals, the least where sections differ, and nothing is free', async ({ page, signIn, buyer, onSale }) => {
  const name = `Priced ${crypto.randomUUID().slice(0, 8)}`
  await onSale({ title: `${name} euro`, currency: 'EUR', totalTickets: 5, price: 1049.9 })
  await onSale({ title: `${name} yen`, currency: 'JPY', sections: [{ name: 'A', price: 9000, capacity: 5 }, { name: 'B', price: 12000, capacity: 5 }] })
  await onSale({ title: `${name} open`, totalTickets: 5, price: 0 })
  await signIn(page, buyer, `/events?search=${encodeURIComponent(name)}&sortBy=title&sortOrder=asc`)
  const cards = page.getByRole('article')
  await expect(cards).toHaveCount(3)
  await expect(cards.nth(0)).toContainText('€1,049.90')
  await expect(cards.nth(1)).toContainText('Free')
  await expect(cards.nth(2)).toContainText('From ¥9,000')
})

test('what has no date yet says so', async ({ page, signIn, buyer, onSale }) => {
  const event = await onSale({ date: undefined })
  await signIn(page, buyer, listOf(event))
  await expect(card(page, event)).toContainText('Date to be announced')
})
