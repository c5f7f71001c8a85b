import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { justBefore } from './network'
import { Person } from './people'
import { listOf, sheet, sheetOf } from './places'
import { everyWidth, expect, test } from './test'

test.use({ contextOptions: { reducedMotion: 'reduce' }, complaints: /status of 40[49]/ })

test.describe('axe finds nothing wrong, light and dark, with', everyWidth, () => {
  test('the log-in page and its errors', async ({ page }) => {
    await page.goto('/login')
    await flawless(page)
    await page.getByRole('button', { name: 'Log in' }).click()
    await expect(page.getByText('Enter your password.')).toBeVisible()
    await flawless(page)
  })

  test('the registration page and its errors', async ({ page }) => {
    await page.goto('/register')
    await page.getByRole('button', { name: 'Create account' }).click()
    await expect(page.getByText('Enter your name.')).toBeVisible()
    await flawless(page)
  })

  test('the events, whatever is left of them', async ({ page, signIn, buyer, onSale }) => {
    const name = `Shades ${crypto.randomUUID().slice(0, 8)}`
    for (const remaining of [90, 30, 5, 0]) await onSale({ title: `${name} ${remaining}`, sections: [{ name: 'Floor', price: 5, capacity: 100, remaining }] })
    const booked = await onSale({ title: `${name} mine` })
    await buyer.books(booked)
    await signIn(page, buyer, `/events?search=${encodeURIComponent(name)}`)
    await expect(page.getByRole('button', { name: 'Booked ✓' })).toBeVisible()
    await flawless(page)
    await page.getByRole('button', { name: 'Account' }).click()
    await flawless(page)
  })

  test('no events', async ({ page, signIn, buyer }) => {
    await signIn(page, buyer, '/events?search=nobody-has-this-title')
    await expect(page.getByText('No events found')).toBeVisible()
    await flawless(page)
  })

  test('the sheet, before and after a booking', async ({ page, signIn, buyer, onSale }) => {
    const event = await onSale({ sections: [{ name: 'Stalls', price: 30, capacity: 40 }, { name: 'Box', price: 90, capacity: 4, remaining: 0 }] })
    await signIn(page, buyer, sheetOf(event))
    await expect(sheet(page, event)).toBeVisible()
    await flawless(page)
    await sheet(page, event).getByRole('button', { name: 'Book 1 ticket' }).click()
    await expect(sheet(page, event).getByText('Successfully booked')).toBeVisible()
    await flawless(page)
  })

  test('the sheet of what is just gone', async ({ page, server, signIn, buyer, onSale }) => {
    const event = await onSale({ totalTickets: 3 })
    const faster = await Person.register(server.url)
    await signIn(page, buyer, sheetOf(event))
    await sheet(page, event).getByRole('button', { name: 'One ticket more' }).click()
    await justBefore(page, '**/api/book', () => faster.books(event, 2))
    await sheet(page, event).getByRole('button', { name: 'Book 2 tickets' }).click()
    await expect(sheet(page, event).getByRole('button', { name: 'Take 1 instead' })).toBeVisible()
    await flawless(page)
  })

  test('a notification', async ({ page, signIn, buyer, onSale }) => {
    const event = await onSale()
    await signIn(page, buyer, listOf(event))
    await page.getByRole('button', { name: 'Book Now' }).click()
    await expect(page.getByText(`Successfully booked ${event.title}!`)).toBeVisible()
    await flawless(page)
  })

  test('my bookings and the question before one is cancelled', async ({ page, signIn, buyer, onSale }) => {
    await buyer.books(await onSale())
    await buyer.cancels(await buyer.books(await onSale()))
    await signIn(page, buyer, '/bookings')
    await expect(page.getByText('Cancelled', { exact: true })).toBeVisible()
    await flawless(page)
    await page.getByRole('button', { name: 'Cancel Booking' }).click()
    await expect(page.getByRole('dialog')).toBeVisible()
    await flawless(page)
  })

  test('my events', async ({ page, signIn, buyer }) => {
    await buyer.puts({ title: 'Encore Night', totalTickets: 40, price: 25 })
    await signIn(page, buyer, '/organizer')
    await expect(page.getByRole('link', { name: 'Encore Night' })).toBeVisible()
    await flawless(page)
  })

  test('a new event and its errors', async ({ page, signIn, buyer }) => {
    await signIn(page, buyer, '/organizer/new')
    await page.getByRole('button', { name: 'Add a section' }).click()
    await page.getByRole('button', { name: 'Publish' }).click()
    await expect(page.getByText('Give the event a title')).toBeVisible()
    await flawless(page)
  })

  test('a sale', async ({ page, server, signIn, buyer }) => {
    const event = await buyer.puts({ title: 'Encore Night', totalTickets: 40, price: 25 })
    await (await Person.register(server.url)).books(event, 4)
    await signIn(page, buyer, `/organizer/sale?event=${event.id}`)
    await page.getByText('Show as a table').click()
    await expect(page.getByRole('row', { name: /General admission × 4/ })).toBeVisible()
    await flawless(page)
  })

  test('the page for what is not there', async ({ page }) => {
    await page.goto('/nowhere')
    await expect(page.getByText('There is nothing here')).toBeVisible()
    await flawless(page)
  })
})

test('axe does find what is wrong', async ({ page }) => {
  await page.goto('/login')
  await page.getByRole('button', { name: 'Log in' }).evaluate((button) => button.replaceChildren())
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map(({ id }) => id)).toContain('button-name')
})

/** Has axe look at the page in the light theme, and at what differs in the dark one: the contrast. */
async function flawless(page: Page): Promise<void> {
  await look(page, 'light', new AxeBuilder({ page }))
  await look(page, 'dark', new AxeBuilder({ page }).withRules('color-contrast'))
}

async function look(page: Page, colorScheme: 'light' | 'dark', axe: AxeBuilder): Promise<void> {
  await page.emulateMedia({ colorScheme })
  await expect(page.locator('html')).toHaveClass(new RegExp(colorScheme))
  const { violations } = await axe.analyze()
  const found = violations.map(({ id, nodes }) => ({ id, where: nodes.map(({ target, failureSummary }) => `${target.join(' ')}: ${failureSummary}`) }))
  expect(found, colorScheme).toEqual([])
}
