import type { Page } from '@playwright/test'
import { away, requests } from './network'
import { card, listOf, toast } from './places'
import { expect, test } from './test'

// Where the clock leaps, a page may give up a socket that it has just begun to connect.
test.use({ complaints: /WebSocket connection to .* failed: WebSocket is closed before the connection is established/ })

test('a token is renewed before it is over, and nobody notices', async ({ page, signIn, buyer, onSale }) => {
  const event = await onSale()
  await page.clock.install()
  await signIn(page, buyer, listOf(event))
  await expect(card(page, event)).toBeVisible()

  const renewed = page.waitForResponse('**/api/auth/refresh')
  await page.clock.fastForward('14:30')
  expect((await renewed).status()).toBe(200)
  await card(page, event).getByRole('button', { name: 'Book Now' }).click()
  await expect(toast(page, `Successfully booked ${event.title}!`)).toBeVisible()
})

test('a computer that slept for longer than a token lives goes on without a log-in', async ({ page, signIn, buyer, onSale }) => {
  const event = await onSale()
  await page.clock.install()
  await signIn(page, buyer, listOf(event))
  await expect(card(page, event)).toBeVisible()
  const old = await tokenOf(page, () => page.getByRole('link', { name: 'My bookings' }).click())

  await page.clock.fastForward('03:00:00')
  const fresh = await tokenOf(page, () => page.goto('/bookings'))
  expect(fresh).not.toBe(old)
  await expect(page.getByText("You haven't booked any events yet")).toBeVisible()
})

test.describe('refused', () => {
  test.use({ complaints: new RegExp(`status of 401|${away.source}`) })

  test('a token that the server no longer takes is renewed, and the booking is made with the new one', async ({ page, server, signIn, buyer, onSale }) => {
    const event = await onSale()
    await signIn(page, buyer, listOf(event))
    await expect(card(page, event)).toBeVisible()
    await server.stop()
    // By the request that is refused, or by the live connection, whichever comes first.
    const renewed = page.waitForResponse((response) => response.url().endsWith('/api/auth/refresh') && response.status() === 200)
    try {
      await server.start({ JWT_ACCESS_SECRET: 'b'.repeat(32) })
      await card(page, event).getByRole('button', { name: 'Book Now' }).click()
      await renewed
      await expect(toast(page, `Successfully booked ${event.title}!`)).toBeVisible()
      await expect(page).toHaveURL(listOf(event))
      await expect(page.getByText('Live', { exact: true })).toBeVisible({ timeout: 20_000 })
    } finally {
      await server.stop()
      await server.start()
    }
  })
})

test('two tabs whose token is over at once renew it once, and both go on', async ({ page, context, signIn, buyer }) => {
  await page.clock.install()
  await signIn(page, buyer, '/bookings')
  const other = await context.newPage()
  await other.goto('/bookings')
  for (const tab of [page, other]) await expect(tab.getByText("You haven't booked any events yet")).toBeVisible()

  const renewals = requests(context, 'POST', /\/auth\/refresh$/)
  await page.clock.fastForward('14:30')
  await expect.poll(() => renewals.length).toBe(1)
  for (const tab of [page, other]) {
    await tab.getByRole('link', { name: 'Events' }).click()
    await expect(tab.getByRole('article').first()).toBeVisible()
  }
  expect(renewals).toHaveLength(1)
})

test('two tabs that are reloaded at once both stay logged in', async ({ page, context, signIn, buyer }) => {
  await signIn(page, buyer, '/bookings')
  const other = await context.newPage()
  await other.goto('/bookings')
  for (let round = 0; round < 3; round++) {
    await Promise.all([page.reload(), other.reload()])
    for (const tab of [page, other]) {
      await expect(tab.getByText("You haven't booked any events yet")).toBeVisible()
      await expect(tab).toHaveURL('/bookings')
    }
  }
})

test('no token is in what scripts can keep or read', async ({ page, context, signIn, buyer }) => {
  await signIn(page, buyer)
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie)
  expect(kept).not.toMatch(/eyJ/)
  const [cookie, ...others] = await context.cookies()
  expect(others).toEqual([])
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' })
})

/** The access token of the next read of bookings. */
async function tokenOf(page: Page, act: () => Promise<unknown>): Promise<string | undefined> {
  const [request] = await Promise.all([page.waitForRequest('**/api/bookings?**'), act()])
  return request.headers().authorization
}
