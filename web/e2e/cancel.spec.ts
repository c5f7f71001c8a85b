import { away } from './network'
import { card, listOf, toast } from './places'
import { everyWidth, expect, test } from './test'

test('a booking is cancelled after one more question, and its tickets are back on sale', everyWidth, async ({ page, signIn, buyer, onSale }) => {
  const event = await onSale()
  await buyer.books(event, 2)
  await signIn(page, buyer, '/bookings')
  const booking = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: event.title }) })
  await expect(booking).toContainText('Confirmed')
  await expect(booking).toContainText('Harbour Hall')
  const ask = booking.getByRole('button', { name: 'Cancel Booking' })

  await ask.click()
  const question = page.getByRole('dialog', { name: 'Cancel this booking?' })
  await expect(question.getByRole('button', { name: 'Keep' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(question).toBeHidden()
  await expect(ask).toBeFocused()
  await expect(booking).toContainText('Confirmed')

  await ask.click()
  await question.getByRole('button', { name: 'Cancel booking' }).click()
  await expect(booking).toContainText('Cancelled')
  await expect(booking.getByRole('button')).toHaveCount(0)
  await expect(booking.getByRole('link', { name: event.title })).toBeFocused()
  await expect(toast(page, `Your booking for ${event.title} is cancelled.`)).toBeVisible()

  await page.goto(listOf(event))
  await expect(card(page, event)).toContainText('10 of 10 left')
  await expect(card(page, event).getByRole('button', { name: 'Book Now' })).toBeEnabled()
})

test('others see at once what is cancelled', async ({ page, signIn, buyer, onSale }) => {
  const event = await onSale()
  const id = await buyer.books(event, 3)
  await signIn(page, buyer, listOf(event))
  await expect(card(page, event)).toContainText('7 of 10 left')
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await buyer.cancels(id)
  await expect(card(page, event)).toContainText('10 of 10 left')
})

test('Escape keeps the booking', async ({ page, signIn, buyer, onSale }) => {
  const event = await onSale()
  await buyer.books(event)
  await signIn(page, buyer, '/bookings')
  await page.getByRole('button', { name: 'Cancel Booking' }).click()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  expect(await buyer.bookings()).toMatchObject([{ status: 'CONFIRMED' }])
})

test.describe('that fails', () => {
  test.use({ complaints: away })

  test('a cancellation that cannot be sent is undone on the page, and said so', async ({ page, signIn, buyer, onSale }) => {
    const event = await onSale()
    await buyer.books(event)
    await signIn(page, buyer, '/bookings')
    const booking = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: event.title }) })
    await booking.getByRole('button', { name: 'Cancel Booking' }).click()
    await page.route('**/api/bookings/**', (route) => route.abort('connectionrefused'))
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel booking' }).click()
    await expect(toast(page, `Your booking for ${event.title} could not be cancelled.`)).toBeVisible()
    await expect(booking).toContainText('Confirmed')
    await expect(booking.getByRole('button', { name: 'Cancel Booking' })).toBeVisible()
  })
})

test('who has booked nothing is shown the way to the events', everyWidth, async ({ page, signIn, buyer }) => {
  await signIn(page, buyer, '/bookings')
  await expect(page.getByText("You haven't booked any events yet")).toBeVisible()
  await page.getByRole('link', { name: 'Find an event' }).click()
  await expect(page).toHaveURL('/events')
})
