import { expect, test } from './test'

test.describe('broken', () => {
  test.use({ complaints: /Content Security Policy|status of 404/ })

  test('a script that was put into a page does not run, and is noticed', async ({ page, said }) => {
    await page.goto('/login')
    await page.evaluate(() => document.body.append(Object.assign(document.createElement('script'), { textContent: 'document.title = "taken over"' })))
    await expect(page).toHaveTitle('Log in · Onsale')
    expect(said.join()).toContain('Content Security Policy')
  })

  test('what is not there says so, and leads to the events', async ({ page }) => {
    const answer = await page.goto('/nowhere')
    expect(answer?.status()).toBe(404)
    await expect(page.getByRole('heading', { name: 'There is nothing here' })).toBeVisible()
    await page.getByRole('link', { name: 'See all events' }).click()
    await expect(page).toHaveURL(/\/login/)
  })
})

test('a page that complains fails its test', async ({ page }) => {
  test.fail()
  await page.goto('/login')
  await page.evaluate(() => console.error('something is wrong'))
})
