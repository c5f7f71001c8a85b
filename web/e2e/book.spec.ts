import { away, hold, justBefore, loseAnswer, requests } from './network'
import { Person } from './people'
import { card, listOf, toast } from './places'
import { everyWidth, expect, test } from './test'

test('a booking says that it is under way and that it was made, and takes one from the count', everyWidth, async ({ page, signIn, buyer, onSale }) => {
  const event = await onSale()
  await signIn(page, buyer, listOf(event))
  const release = await hold(page, '**/api/book')
  const gig = card(page, event)
  await gig.getByRole('button', { name: 'Book Now' }).click()

  await expect(gig.getByRole('button', { name: 'Booking...' })).toBeDisabled()
  await expect(gig).toContainText('9 of 10 left')
  release()
  await expect(toast(page, `Successfully booked ${event.title}!`)).toBeVisible()
  await expect(gig.getByRole('button', { name: 'Booked ✓' })).toBeDisabled()
  await expect(gig).toContainText('9 of 10 left')
  expect(await buyer.bookings()).toHaveLength(1)
})

test('a double click books once', async ({ page, signIn, buyer, onSale }) => {
  const event = await onSale()
  await signIn(page, buyer, listOf(event))
  const sent = requests(page.context(), 'POST', /\/book$/)
  await card(page, event).getByRole('button', { name: 'Book Now' }).dblclick()
  await expect(card(page, event).getByRole('button', { name: 'Booked ✓' })).toBeVisible()
  expect(sent).toHaveLength(1)
  expect(await buyer.bookings()).toHaveLength(1)
})

test('what is booked is still booked after a reload', async ({ page, signIn, buyer, onSale }) => {
  const event = await onSale()
  await buyer.books(event)
  await signIn(page, buyer, listOf(event))
  await expect(card(page, event).getByRole('button', { name: 'Booked ✓' })).toBeDisabled()
  await page.reload()
  await expect(card(page, event).getByRole('button', { name: 'Booked ✓' })).toBeDisabled()
})

test('the badge is green above a half, yellow to a tenth, red below, and gray when nothing is left', async ({ page, signIn, buyer, onSale }) => {
  const colours = [
    { remaining: 51, level: 'plenty', words: '51 of 100 left' },
    { remaining: 50, level: 'some', words: '50 of 100 left' },
    { remaining: 10, level: 'some', words: '10 of 100 left' },
    { remaining: 9, level: 'few', words: '9 of 100 left' },
    { remaining: 0, level: 'none', words: 'Sold Out' },
  ]
  const name = `Shades ${crypto.randomUUID().slice(0, 8)}`
  for (const { remaining } of colours) await onSale({ title: `${name} ${remaining}`, sections: [{ name: 'Floor', price: 5, capacity: 100, remaining }] })
  await signIn(page, buyer, `/events?search=${encodeURIComponent(name)}`)
  for (const { remaining, level, words } of colours) {
    const shade = page.getByRole('article').filter({ has: page.getByRole('heading', { name: `${name} ${remaining}`, exact: true }) })
    await expect(shade.getByText(words)).toBeVisible()
    await expect(shade.locator('[data-level]')).toHaveAttribute('data-level', level)
    if (remaining === 0) await expect(shade.getByRole('button', { name: 'Book Now' })).toBeDisabled()
    else await expect(shade.getByRole('button', { name: 'Book Now' })).toBeEnabled()
  }
})

test.describe('refused', () => {
  test.use({ complaints: /status of 409/ })

  test('who clicks when the last ticket is just gone is told so, and the card is sold out', everyWidth, async ({ page, server, signIn, buyer, onSale }) => {
    const event = await onSale({ totalTickets: 1 })
    const faster = await Person.register(server.url)
    await signIn(page, buyer, listOf(event))
    await justBefore(page, '**/api/book', () => faster.books(event))
    await card(page, event).getByRole('button', { name: 'Book Now' }).click()

    await expect(toast(page, `Sorry, tickets for ${event.title} are no longer available.`)).toBeVisible()
    await expect(card(page, event).getByText('Sold Out')).toBeVisible()
    await expect(card(page, event).getByRole('button', { name: 'Book Now' })).toBeDisabled()
    await expect(page.getByText('Something went wrong')).toHaveCount(0)
  })

  test('who has booked elsewhere meanwhile is told so, and the button says it', everyWidth, async ({ page, signIn, buyer, onSale }) => {
    const event = await onSale()
    await signIn(page, buyer, listOf(event))
    await justBefore(page, '**/api/book', () => buyer.books(event))
    await card(page, event).getByRole('button', { name: 'Book Now' }).click()

    await expect(toast(page, 'You have already booked this event.')).toBeVisible()
    await expect(card(page, event).getByRole('button', { name: 'Booked ✓' })).toBeDisabled()
    await expect(card(page, event)).toContainText('9 of 10 left')
  })
})

test.describe('with a network that fails', () => {
  test.use({ complaints: away })

  test('a booking that cannot be sent fails in plain words, and trying again books once', everyWidth, async ({ page, server, signIn, buyer, onSale }) => {
    const event = await onSale()
    await signIn(page, buyer, listOf(event))
    const gig = card(page, event)
    await expect(gig).toContainText('10 of 10 left')
    await server.stop()
    await gig.getByRole('button', { name: 'Book Now' }).click()
    await expect(toast(page, 'Failed to complete booking. Please try again.')).toBeVisible({ timeout: 20_000 })
    await expect(gig.getByRole('button', { name: 'Book Now' })).toBeEnabled()
    await expect(gig).toContainText('10 of 10 left')

    await server.start()
    await gig.getByRole('button', { name: 'Book Now' }).click()
    await expect(toast(page, `Successfully booked ${event.title}!`)).toBeVisible()
    await expect(gig).toContainText('9 of 10 left')
    expect(await buyer.bookings()).toHaveLength(1)
  })

  test('a booking whose answer is lost is asked for again by itself, and is made once', async ({ page, signIn, buyer, onSale }) => {
    const event = await onSale()
    await signIn(page, buyer, listOf(event))
    await loseAnswer(page, '**/api/book')
    const sent = requests(page.context(), 'POST', /\/book$/)
    await card(page, event).getByRole('button', { name: 'Book Now' }).click()

    await expect(toast(page, `Successfully booked ${event.title}!`)).toBeVisible()
    await expect(card(page, event)).toContainText('9 of 10 left')
    expect(new Set(sent.map((request) => request.headers()['idempotency-key'])).size).toBe(1)
    expect(sent).toHaveLength(2)
    expect(await buyer.bookings()).toHaveLength(1)
  })
})
