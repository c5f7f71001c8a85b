import type { Locator, Page } from '@playwright/test'
import { justBefore } from './network'
import { Person } from './people'
import { card, listOf, sheet, sheetOf, toast } from './places'
import { everyWidth, expect, test } from './test'

const twoSections = [{ name: 'Stalls', price: 30, capacity: 40 }, { name: 'Box', price: 90.5, capacity: 4 }]

test('a section and a number of tickets are chosen, added up and booked', everyWidth, async ({ page, signIn, buyer, onSale }) => {
  const event = await onSale({ sections: twoSections })
  await signIn(page, buyer, listOf(event))
  await card(page, event).getByRole('button', { name: 'Book Now' }).click()
  const box = sheet(page, event)
  await box.getByRole('radio', { name: /Box/ }).check()
  await box.getByRole('button', { name: 'One ticket more' }).click()
  await box.getByRole('button', { name: 'One ticket more' }).click()
  await expect(box.getByText('$271.50')).toBeVisible()
  await box.getByRole('button', { name: 'Book 3 tickets' }).click()

  await expect(box.getByText(`Successfully booked ${event.title}!`)).toBeVisible()
  await expect(box.getByRole('link', { name: 'See my bookings' })).toBeVisible()
  const [booking] = await buyer.bookings()
  expect(booking).toMatchObject({ quantity: 3, amount: 271.5, section: { name: 'Box' } })
})

test('no more can be chosen than a booking may have or than are left', async ({ page, signIn, buyer, onSale }) => {
  const event = await onSale({ sections: twoSections })
  await signIn(page, buyer, sheetOf(event))
  const more = sheet(page, event).getByRole('button', { name: 'One ticket more' })
  for (let n = 1; n < 10; n++) await more.click()
  await expect(sheet(page, event).getByRole('button', { name: 'Book 10 tickets' })).toBeVisible()
  await expect(more).toBeDisabled()
  await sheet(page, event).getByRole('radio', { name: /Box/ }).check()
  await expect(sheet(page, event).getByRole('button', { name: 'Book 4 tickets' })).toBeVisible()
  await expect(more).toBeDisabled()
})

test('the sheet says at once that somebody else took the last ticket, and when it comes back', everyWidth, async ({ page, server, signIn, buyer, onSale }) => {
  const event = await onSale({ totalTickets: 1 })
  const faster = await Person.register(server.url)
  await signIn(page, buyer, sheetOf(event))
  const gig = sheet(page, event)
  await expect(gig.getByRole('button', { name: 'Book 1 ticket' })).toBeEnabled()
  await expect(page.getByText('Live', { exact: true })).toBeAttached()

  const booking = await faster.books(event)
  await expect(gig.getByRole('button', { name: 'Sold Out' })).toBeDisabled()
  await expect(gig.getByText('Should somebody cancel, their tickets appear here at once.')).toBeVisible()
  await faster.cancels(booking)
  await expect(gig.getByRole('button', { name: 'Book 1 ticket' })).toBeEnabled()
})

test('a section that sells out stays the chosen one, and the others are offered', async ({ page, server, signIn, buyer, onSale }) => {
  const event = await onSale({ sections: [{ name: 'Box', price: 90, capacity: 1 }, { name: 'Stalls', price: 130, capacity: 40 }] })
  const faster = await Person.register(server.url)
  await signIn(page, buyer, sheetOf(event))
  const gig = sheet(page, event)
  await gig.getByRole('radio', { name: /Box/ }).check()
  await expect(page.getByText('Live', { exact: true })).toBeAttached()
  await faster.books(event)
  await expect(gig.getByText('Box is sold out.')).toBeVisible()
  await expect(gig.getByRole('radio', { name: /Box/ })).toBeChecked()
  await gig.getByRole('button', { name: /Stalls/ }).click()
  await gig.getByRole('button', { name: 'Book 1 ticket' }).click()
  await expect(gig.getByText(`Successfully booked ${event.title}!`)).toBeVisible()
})

test.describe('refused', () => {
  test.use({ complaints: /status of 409/ })

  test('who books when the last ticket is just gone is told so in the sheet', async ({ page, server, signIn, buyer, onSale }) => {
    const event = await onSale({ totalTickets: 1 })
    const faster = await Person.register(server.url)
    await signIn(page, buyer, sheetOf(event))
    await justBefore(page, '**/api/book', () => faster.books(event))
    await sheet(page, event).getByRole('button', { name: 'Book 1 ticket' }).click()
    await expect(sheet(page, event).getByRole('alert')).toContainText(`Sorry, tickets for ${event.title} are no longer available.`)
    await expect(sheet(page, event).getByRole('button', { name: 'Sold Out' })).toBeDisabled()
  })

  test('when fewer are left than were wanted, the sheet offers those', everyWidth, async ({ page, server, signIn, buyer, onSale }) => {
    const event = await onSale({ totalTickets: 3 })
    const faster = await Person.register(server.url)
    await signIn(page, buyer, sheetOf(event))
    const gig = sheet(page, event)
    await gig.getByRole('button', { name: 'One ticket more' }).click()
    await justBefore(page, '**/api/book', () => faster.books(event, 2))
    await gig.getByRole('button', { name: 'Book 2 tickets' }).click()
    await expect(gig.getByText(`Only 1 ticket left for ${event.title}.`)).toBeVisible()
    await gig.getByRole('button', { name: 'Take 1 instead' }).click()
    await expect(gig.getByText(`Successfully booked ${event.title}!`)).toBeVisible()
    expect(await buyer.bookings()).toMatchObject([{ quantity: 1 }])
  })

  test('who has booked in another tab meanwhile sees that booking in the sheet', async ({ page, signIn, buyer, onSale }) => {
    const event = await onSale()
    await signIn(page, buyer, sheetOf(event))
    await justBefore(page, '**/api/book', () => buyer.books(event, 2))
    await sheet(page, event).getByRole('button', { name: 'Book 1 ticket' }).click()
    await expect(sheet(page, event).getByText('You have already booked this event.')).toBeVisible()
    await expect(sheet(page, event).getByText('2 tickets')).toBeVisible()
  })
})

test('back closes the sheet, forward opens it, and a reload leaves it as it is', everyWidth, async ({ page, signIn, buyer, onSale }) => {
  const event = await onSale()
  await signIn(page, buyer, listOf(event))
  await card(page, event).getByRole('link', { name: event.title }).click()
  await expect(sheet(page, event)).toBeVisible()
  await expect(page).toHaveURL(new RegExp(`event=${event.id}`))
  await page.reload()
  await expect(sheet(page, event)).toBeVisible()
  await page.goBack()
  await expect(sheet(page, event)).toBeHidden()
  await expect(page).toHaveURL(listOf(event))
  await page.goForward()
  await expect(sheet(page, event)).toBeVisible()
})

test('closing a sheet that an address opened stays on the page', async ({ page, signIn, buyer, onSale }) => {
  const event = await onSale()
  await signIn(page, buyer, sheetOf(event))
  await sheet(page, event).getByRole('button', { name: 'Close' }).click()
  await expect(sheet(page, event)).toBeHidden()
  await expect(page).toHaveURL('/events')
})

test.describe('of nothing', () => {
  test.use({ complaints: /status of 404/ })

  for (const [what, id] of [['nobody has', '01900000-0000-7000-8000-00000000dead'], ['can be no id', 'nonsense']] as const) {
    test(`an event that ${what} is said not to be there, with a way on`, async ({ page, signIn, buyer }) => {
      await signIn(page, buyer, `/events?event=${id}`)
      await expect(page.getByRole('dialog').getByText('There is no such event')).toBeVisible()
      await page.getByRole('dialog').getByRole('button', { name: 'See all events' }).click()
      await expect(page.getByRole('dialog')).toHaveCount(0)
      await expect(page).toHaveURL('/events')
    })
  }
})

test('a booking takes no mouse, and the focus comes back to where it was', async ({ page, signIn, buyer, onSale }) => {
  const event = await onSale({ sections: twoSections })
  await signIn(page, buyer, listOf(event))
  const link = card(page, event).getByRole('link', { name: event.title })
  await expect(link).toBeVisible()
  await tabTo(page, link)
  await page.keyboard.press('Enter')
  const gig = sheet(page, event)
  await expect(gig).toBeVisible()

  await tabTo(page, gig.getByRole('radio', { checked: true }))
  await page.keyboard.press('ArrowDown')
  await expect(gig.getByRole('radio', { name: /Box/ })).toBeChecked()
  await tabTo(page, gig.getByRole('button', { name: 'One ticket more' }))
  await page.keyboard.press('Space')
  await tabTo(page, gig.getByRole('button', { name: 'Book 2 tickets' }))
  await page.keyboard.press('Enter')
  await expect(gig.getByText(`Successfully booked ${event.title}!`)).toBeVisible()
  await expect(gig.getByRole('region', { name: 'Your booking' })).toBeFocused()

  await page.keyboard.press('Escape')
  await expect(gig).toBeHidden()
  await expect(link).toBeFocused()
  await expect(toast(page, 'Failed')).toHaveCount(0)
})

test('the first press of Tab offers to skip to the content', async ({ page, signIn, buyer }) => {
  await signIn(page, buyer)
  await page.reload()
  await expect(page.getByRole('article').first()).toBeVisible()
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  await expect(page.getByRole('searchbox')).toBeFocused()
})

/** Presses Tab until this has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  await expect(target).toBeFocused()
}
