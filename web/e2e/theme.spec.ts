import type { Page } from '@playwright/test'
import { sheet, sheetOf } from './places'
import { everyWidth, expect, test } from './test'

test('dark mode is kept over a reload, and no frame of it is light', everyWidth, async ({ page, signIn, buyer }) => {
  await signIn(page, buyer)
  const light = (await framesOf(page)).at(-1)
  await page.getByRole('button', { name: 'Switch between light and dark' }).click()
  await expect(page.locator('html')).toHaveClass(/dark/)
  const frames = await framesOf(page)
  expect([...new Set(frames)]).toEqual([frames.at(-1)])
  expect(frames.at(-1)).not.toBe(light) // so a light frame would be noticed
  await expect(page.locator('html')).toHaveClass(/dark/)
})

test.describe('in a dark system', () => {
  test.use({ colorScheme: 'dark' })

  test('pages are dark until one says otherwise', async ({ page }) => {
    await page.goto('/login')
    await expect(page.locator('html')).toHaveClass(/dark/)
    await page.getByRole('button', { name: 'Switch between light and dark' }).click()
    await expect(page.locator('html')).not.toHaveClass(/dark/)
    await page.reload()
    await expect(page.locator('html')).not.toHaveClass(/dark/)
  })
})

test.describe('with reduced motion', () => {
  test.use({ contextOptions: { reducedMotion: 'reduce' } })

  test('nothing takes time to appear', async ({ page, signIn, buyer, onSale }) => {
    const event = await onSale()
    await signIn(page, buyer, sheetOf(event))
    await expect(sheet(page, event)).toBeVisible()
    const slow = await page.evaluate(() =>
      Array.from(document.querySelectorAll('*'), (element) => getComputedStyle(element))
        .flatMap(({ animationDuration, transitionDuration }) => [animationDuration, transitionDuration].join(',').split(','))
        .filter((duration) => parseFloat(duration) > 0.001),
    )
    expect(slow).toEqual([])
  })
})

test('with motion the sheet rises', async ({ page, signIn, buyer, onSale }) => {
  const event = await onSale()
  await signIn(page, buyer, sheetOf(event))
  await expect(sheet(page, event)).toHaveCSS('animation-duration', '0.16s')
})

/** Loads the page anew, and returns the background of every frame from the first that has a body until it is loaded. */
async function framesOf(page: Page): Promise<string[]> {
  await page.addInitScript(() => {
    const frames: string[] = []
    const look = () => {
      if (document.body) frames.push(getComputedStyle(document.documentElement).backgroundColor)
      if (document.readyState !== 'complete') requestAnimationFrame(look)
      else console.debug(`frames ${JSON.stringify(frames)}`)
    }
    requestAnimationFrame(look)
  })
  const [told] = await Promise.all([page.waitForEvent('console', (message) => message.text().startsWith('frames ')), page.reload()])
  const frames: string[] = JSON.parse(told.text().slice('frames '.length))
  return frames
}
