import { requests } from './network'
import { everyWidth, expect, test } from './test'

test('typing searches by title once it pauses, and the address says for what', everyWidth, async ({ page, signIn, buyer, onSale }) => {
  const event = await onSale()
  await signIn(page, buyer)
  await expect(page.getByRole('article').first()).toBeVisible()
  const asked = requests(page.context(), 'GET', /\/events$/)
  const word = event.title.toUpperCase()
  await page.getByRole('searchbox').pressSequentially(word, { delay: 20 })
  await expect(page.getByRole('article')).toHaveCount(1)
  await expect(page.getByRole('heading', { name: event.title })).toBeVisible()
  expect(new URL(page.url()).searchParams.get('search')).toBe(word)
  expect(asked.filter((request) => new URL(request.url()).searchParams.has('search')).length).toBeLessThanOrEqual(2)

  await page.getByRole('searchbox').fill('nobody has this title')
  await expect(page.getByRole('heading', { name: 'No events found' })).toBeVisible()
  await page.getByRole('main').getByRole('button', { name: 'Clear search' }).last().click()
  await expect(page).toHaveURL('/events')
  await expect(page.getByRole('article').first()).toBeVisible()
})

test('the address keeps search, order and page over a reload, and back goes to the page before', async ({ page, signIn, buyer, onSale }) => {
  const name = `Series ${crypto.randomUUID().slice(0, 8)}`
  await Promise.all(Array.from({ length: 14 }, (_, n) => onSale({ title: `${name} ${String(n + 1).padStart(2, '0')}`, price: 14 - n })))
  await signIn(page, buyer, `/events?search=${encodeURIComponent(name)}`)
  await expect(page.getByRole('article')).toHaveCount(12)

  await page.getByRole('combobox', { name: 'Sort events' }).selectOption({ label: 'Title: Z to A' })
  await expect(page.getByRole('heading', { level: 2 }).first()).toHaveText(`${name} 14`)
  expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({ search: name, sortBy: 'title', sortOrder: 'desc' })

  await page.getByRole('link', { name: 'Next' }).click()
  await expect(page.getByRole('heading', { level: 2 })).toHaveText([`${name} 02`, `${name} 01`])
  await expect(page).toHaveURL(/page=2/)
  await page.reload()
  await expect(page.getByRole('heading', { level: 2 })).toHaveText([`${name} 02`, `${name} 01`])
  await expect(page.getByRole('searchbox')).toHaveValue(name)
  await page.goBack()
  await expect(page.getByRole('article')).toHaveCount(12)

  await page.getByRole('combobox', { name: 'Sort events' }).selectOption({ label: 'Price: low to high' })
  await expect(page.getByRole('heading', { level: 2 }).first()).toHaveText(`${name} 14`)
})

test('a page that there is not leads to the first', async ({ page, signIn, buyer }) => {
  await signIn(page, buyer, '/events?page=900')
  await expect(page.getByText('There is no page 900.')).toBeVisible()
  await page.getByRole('button', { name: 'See the first page' }).click()
  await expect(page.getByRole('article').first()).toBeVisible()
})

test('an address that makes no sense shows the first page', async ({ page, signIn, buyer }) => {
  await signIn(page, buyer, '/events?page=-1&sortBy=colour&sortOrder=up')
  await expect(page.getByRole('article').first()).toBeVisible()
})
