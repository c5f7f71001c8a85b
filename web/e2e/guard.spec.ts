import type { Page } from '@playwright/test'
import { requests } from './network'
import { password } from './people'
import { sheet, sheetOf } from './places'
import { everyWidth, expect, test } from './test'

test('who is not logged in is led to the log-in page before anything is shown or asked for, and from there to what they wanted', everyWidth, async ({ page, buyer, onSale }) => {
  const event = await onSale()
  const asked = requests(page.context(), 'GET', /^\/api\//)
  const painted = await paintedPaths(page)

  await page.goto(sheetOf(event))
  await expect(page).toHaveURL(`/login?next=${encodeURIComponent(sheetOf(event))}`)
  await expect(page.getByRole('heading', { name: 'Log in' })).toBeVisible()
  await expect.poll(() => painted).toContain('/login')
  expect(painted).not.toContain('/events')
  expect(asked).toEqual([])

  await page.getByLabel('Email').fill(buyer.email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Log in' }).click()
  await expect(sheet(page, event)).toBeVisible()
  await expect(page).toHaveURL(sheetOf(event))
})

test('what was wanted survives the way over the registration page', async ({ page }) => {
  await page.goto('/organizer/new')
  await page.getByRole('link', { name: 'Register' }).click()
  await expect(page).toHaveURL(`/register?next=${encodeURIComponent('/organizer/new')}`)
})

test('who is logged in is led away from /login and /register without seeing them', async ({ page, buyer, signIn }) => {
  await signIn(page, buyer)
  const painted = await paintedPaths(page)
  for (const path of ['/login', '/register', '/login?next=/bookings', '/login?next=https://example.com/']) {
    await page.goto(path)
    await expect(page).toHaveURL(path.includes('/bookings') ? '/bookings' : '/events')
    await expect(page.getByRole('button', { name: 'Account' })).toBeVisible()
  }
  await expect.poll(() => painted).toEqual(['/events', '/events', '/bookings', '/events']) // so a page that is painted is noticed
})

test.describe('ended', () => {
  test.use({ complaints: /status of 401/ })

  test('a session that the server has ended leads to the log-in page', async ({ page, buyer, signIn }) => {
    await signIn(page, buyer)
    await page.context().clearCookies()
    await page.goto('/bookings')
    await expect(page).toHaveURL('/login?next=%2Fbookings')
    await expect(page.getByText('Your session has ended. Log in to go on.')).toBeVisible()
  })
})

/** The paths of the documents that have been painted, from now on, each once. */
async function paintedPaths(page: Page): Promise<string[]> {
  const paths: string[] = []
  page.on('console', (message) => {
    const [, path] = /^painted (.*)$/.exec(message.text()) ?? []
    if (path) paths.push(path)
  })
  await page.addInitScript(() => {
    new PerformanceObserver((list) => {
      if (list.getEntriesByName('first-paint').length > 0) console.debug(`painted ${location.pathname}`)
    }).observe({ type: 'paint', buffered: true })
  })
  return paths
}
