import { away } from './network'
import { Person } from './people'
import { card, listOf, sheetOf } from './places'
import { everyWidth, expect, test } from './test'

test('two browsers see one count move, and neither loads anything again', everyWidth, async ({ page, anotherBrowser, server, signIn, buyer, onSale }) => {
  const event = await onSale()
  const other = await anotherBrowser()
  const [neighbour, third] = [await Person.register(server.url), await Person.register(server.url)]
  await signIn(page, buyer, listOf(event))
  await signIn(other, neighbour, listOf(event))
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await expect(other.getByText('Live', { exact: true })).toBeVisible()

  await other.route('**/api/events?**', (route) => route.abort())
  await page.route('**/api/events?**', (route) => route.abort())
  await third.books(event, 4)
  await expect(card(page, event)).toContainText('6 of 10 left')
  await expect(card(other, event)).toContainText('6 of 10 left')
  await card(page, event).getByRole('button', { name: 'Book Now' }).click()
  await expect(card(other, event)).toContainText('5 of 10 left')
  await expect(card(page, event)).toContainText('5 of 10 left')
})

test.describe('with a server that goes away', () => {
  test.use({ complaints: away })

  test('the page says so, and has true counts again when the server is back', async ({ page, server, signIn, buyer, onSale }) => {
    const event = await onSale()
    const other = await Person.register(server.url)
    await signIn(page, buyer, listOf(event))
    await expect(page.getByText('Live', { exact: true })).toBeVisible()

    await server.stop()
    await expect(page.getByText('Reconnecting…')).toBeVisible()
    await expect(page.getByText('The server cannot be reached. Trying again…')).toBeVisible()
    await expect(card(page, event)).toContainText('10 of 10 left')

    await server.start()
    await other.books(event, 3)
    await expect(card(page, event)).toContainText('7 of 10 left', { timeout: 20_000 })
    await expect(page.getByText('The server cannot be reached. Trying again…')).toBeHidden()
    await expect(page.getByText('Live', { exact: true })).toBeVisible({ timeout: 30_000 })
    await other.cancels((await other.bookings())[0]?.id ?? '')
    await expect(card(page, event)).toContainText('10 of 10 left')
  })

  test('a page that is opened while the server is away comes up by itself when it is back', async ({ page, server, signIn, buyer, onSale }) => {
    const event = await onSale()
    await signIn(page, buyer, '/bookings')
    await page.route('**/api/**', (route) => route.abort('connectionrefused'))
    await page.goto(sheetOf(event))
    await expect(page.getByRole('heading', { name: 'We cannot reach the server' })).toBeVisible()
    await page.unrouteAll()
    await expect(page.getByRole('dialog', { name: event.title })).toBeVisible({ timeout: 20_000 })
    expect(server.url).toContain(new URL(page.url()).host)
  })

  test('a browser that is offline says so, and goes on by itself when it is not', async ({ page, context, server, signIn, buyer, onSale }) => {
    const event = await onSale()
    const other = await Person.register(server.url)
    await signIn(page, buyer, listOf(event))
    await expect(page.getByText('Live', { exact: true })).toBeVisible()
    await context.setOffline(true)
    await expect(page.getByText('You are offline. Counts may be out of date.')).toBeVisible()
    await other.books(event, 2)
    await context.setOffline(false)
    await expect(page.getByText('You are offline. Counts may be out of date.')).toBeHidden()
    await expect(card(page, event)).toContainText('8 of 10 left')
  })
})

test('counts are read every five seconds while they cannot be told', async ({ page, server, signIn, buyer, onSale }) => {
  const event = await onSale()
  const other = await Person.register(server.url)
  await page.routeWebSocket('**/api/live', () => undefined) // connects, and never says a word
  await signIn(page, buyer, listOf(event))
  await expect(card(page, event)).toContainText('10 of 10 left')
  await other.books(event)
  await expect(card(page, event)).toContainText('9 of 10 left')
  await expect(page.getByText('Live', { exact: true })).toHaveCount(0)
})
