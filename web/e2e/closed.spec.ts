import { justBefore } from './network'
import { Person, type Event } from './people'
import { card, listOf, sheet, sheetOf, toast } from './places'
import type { Server } from './server'
import { everyWidth, expect, test } from './test'

const reason = 'The hall is flooded'

/** Closes the event's sale as the operator does, beside the running server. */
function close(server: Server, event: Event): Promise<void> {
  return server.run('admin', 'close', event.id, '--reason', reason)
}

test('a sale that is closed closes on the card and in the sheet that are looked at', everyWidth, async ({ page, anotherBrowser, server, signIn, buyer, onSale }) => {
  const event = await onSale()
  const other = await anotherBrowser()
  await signIn(page, buyer, listOf(event))
  await signIn(other, await Person.register(server.url), sheetOf(event))
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await expect(sheet(other, event).getByRole('button', { name: 'Book 1 ticket' })).toBeEnabled()

  await close(server, event)
  await expect(card(page, event)).toContainText('Sales have ended')
  await expect(card(page, event)).not.toContainText('left')
  await expect(card(page, event).getByRole('button', { name: 'Book Now' })).toBeDisabled()
  await expect(sheet(other, event).getByRole('button', { name: 'Sales have ended' })).toBeDisabled()
  await expect(sheet(other, event)).toContainText(`Tickets for ${event.title} are no longer sold.`)

  await page.reload()
  await expect(card(page, event)).toContainText('Sales have ended')
})

test('a booking stays when its sale is closed, and can be cancelled', async ({ page, server, signIn, buyer, onSale }) => {
  const event = await onSale()
  await buyer.books(event, 2)
  await close(server, event)
  await signIn(page, buyer, listOf(event))
  await expect(card(page, event).getByRole('button', { name: 'Booked ✓' })).toBeVisible()

  await page.goto('/bookings')
  const booking = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: event.title }) })
  await expect(booking).toContainText('Confirmed')
  await booking.getByRole('button', { name: 'Cancel Booking' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel booking' }).click()
  await expect(toast(page, `Your booking for ${event.title} is cancelled.`)).toBeVisible()
  expect(await buyer.bookings()).toMatchObject([{ status: 'CANCELLED' }])

  await page.goto(listOf(event))
  await expect(card(page, event).getByRole('button', { name: 'Book Now' })).toBeDisabled()
})

test.describe('who has not heard of it', () => {
  test.use({ complaints: /status of 409/ })

  test('is told when booking, and the card closes', async ({ page, server, signIn, buyer, onSale }) => {
    const event = await onSale()
    await page.routeWebSocket('**/api/live', () => undefined) // connects, and never says a word
    await signIn(page, buyer, listOf(event))
    const book = card(page, event).getByRole('button', { name: 'Book Now' })
    await justBefore(page, '**/api/book', () => close(server, event))
    await book.click()
    await expect(toast(page, 'Sales have ended.')).toContainText(`Tickets for ${event.title} are no longer sold.`)
    await expect(card(page, event)).toContainText('Sales have ended')
    await expect(book).toBeDisabled()
  })
})

test('the organiser sees that a sale is closed, by whom, and why', everyWidth, async ({ page, server, signIn }) => {
  const organiser = await Person.register(server.url, 'Demo Organiser')
  const event = await organiser.puts({ title: `Gig ${crypto.randomUUID().slice(0, 8)}`, description: '', venue: 'Harbour Hall', totalTickets: 10, price: 25 })
  await signIn(page, organiser, `/organizer/sale?event=${event.id}`)
  await expect(page.getByRole('region', { name: 'History' })).toContainText('Put on sale')
  await expect(page.getByText('Closed', { exact: true })).toHaveCount(0)

  await close(server, event)
  await expect(page.getByText('Closed', { exact: true })).toBeVisible()
  await expect(page.getByRole('region', { name: 'History' })).toContainText(`Sales closed by the operator: ${reason}`)
  await page.goto('/organizer')
  await expect(page.getByRole('listitem').filter({ hasText: event.title })).toContainText('Closed')
})
