import type { Page } from '@playwright/test'
import { Person } from './people'
import { card, listOf, sheetOf } from './places'
import { everyWidth, expect, test } from './test'

test('the events come into the places that were kept for them, and counts move nothing', everyWidth, async ({ page, server, signIn, buyer, onSale }) => {
  const event = await onSale({ totalTickets: 100 })
  const other = await Person.register(server.url)
  await signIn(page, buyer)
  await expect(page.getByRole('article').first()).toBeVisible()
  const shift = await shiftOf(page)
  await page.reload()
  await expect(page.getByRole('article').first()).toBeVisible()
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  expect(await shift()).toBeLessThan(0.02)

  await page.goto(listOf(event))
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await other.books(event, 5)
  await expect(card(page, event)).toContainText('95 of 100 left')
  expect(await shift()).toBeLessThan(0.02)
})

test('my bookings come into the places that were kept for them', everyWidth, async ({ page, signIn, buyer, onSale }) => {
  for (let n = 0; n < 4; n++) await buyer.books(await onSale())
  await signIn(page, buyer, '/bookings')
  const shift = await shiftOf(page)
  await page.reload()
  await expect(page.getByRole('button', { name: 'Cancel Booking' })).toHaveCount(4)
  expect(await shift()).toBeLessThan(0.02)
})

test('a shift is measured', async ({ page }) => {
  const shift = await shiftOf(page)
  await page.goto('/login')
  await page.getByRole('main').evaluate((main) => main.before(Object.assign(document.createElement('p'), { textContent: 'x', className: 'h-56' })))
  await expect.poll(shift).toBeGreaterThan(0.02)
})

test.describe('with nothing beyond the right edge', everyWidth, () => {
  const long = 'Donaudampfschifffahrtsgesellschaftskapitänskajütenschlüsselanhängerversteigerung'

  test('every page fits its width, however long its words', async ({ page, signIn, buyer }) => {
    const event = await buyer.puts({
      title: `${long} ${crypto.randomUUID()}`,
      venue: long,
      description: long,
      sections: [{ name: long, price: 123456.78, capacity: 1_000_000 }, { name: 'B', price: 1, capacity: 1 }],
      currency: 'USD',
    })
    for (const path of ['/login', '/register']) await fits(page, path)
    await signIn(page, buyer)
    await fits(page, '/events')
    await fits(page, sheetOf(event))
    await buyer.books(event, 10)
    for (const path of [sheetOf(event), '/bookings', '/organizer', '/organizer/new', `/organizer/sale?event=${event.id}`]) await fits(page, path)
  })
})

/** What has been shifted since the page was loaded, by the browser's own measure (web.dev/cls), in the worst window of 5 s. */
async function shiftOf(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    let [worst, current, began, last] = [0, 0, 0, 0]
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        if (!('value' in entry) || typeof entry.value !== 'number' || ('hadRecentInput' in entry && entry.hadRecentInput)) continue
        if (entry.startTime - last > 1000 || entry.startTime - began > 5000) [current, began] = [0, entry.startTime]
        current += entry.value
        last = entry.startTime
        worst = Math.max(worst, current)
        document.documentElement.dataset.shift = String(worst)
      }
    }).observe({ type: 'layout-shift', buffered: true })
  })
  return () => page.evaluate(async () => {
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
    return Number(document.documentElement.dataset.shift ?? 0)
  })
}

/** Opens a page, and expects that nothing on it, or in its dialog, scrolls sideways. */
async function fits(page: Page, path: string): Promise<void> {
  await page.goto(path)
  await expect(page.getByRole('heading').first()).toBeAttached()
  await expect(page.getByText(/^Loading/)).toHaveCount(0)
  const beyond = await page.evaluate(() => {
    const boxes = [document.documentElement, ...document.querySelectorAll('dialog[open], dialog[open] *')]
    const wide = boxes.filter((box) => box.scrollWidth > box.clientWidth && (box === document.documentElement || getComputedStyle(box).overflowX !== 'visible'))
    if (wide.length === 0) return []
    return Array.from(document.querySelectorAll('body *')).filter((element) => element.getBoundingClientRect().right > innerWidth + 1).map((element) => `${element.tagName} ${element.className}`)
  })
  expect(beyond, path).toEqual([])
}
