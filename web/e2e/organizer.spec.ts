import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { away, loseAnswer, requests } from './network'
import { Person, type Event } from './people'
import { everyWidth, expect, test } from './test'

test('an event with two sections is put on sale, and sells live on its page', everyWidth, async ({ page, server, signIn, buyer }) => {
  const title = `Premiere ${crypto.randomUUID().slice(0, 8)}`
  await signIn(page, buyer, '/organizer')
  await page.getByRole('link', { name: 'New event' }).first().click()
  await page.getByLabel('Title').fill(title)
  await page.getByLabel('Venue').fill('Harbour Hall')
  await page.getByLabel('Starts at').fill('2031-06-01T20:00')
  await page.getByLabel('Time zone').selectOption('Europe/Lisbon')
  await page.getByLabel('Currency').selectOption('EUR')
  await fillSection(page, 1, 'Stalls', '30', '100')
  await page.getByRole('button', { name: 'Add a section' }).click()
  await fillSection(page, 2, 'Box', '90.50', '4')
  const summary = page.getByRole('region', { name: 'Summary' })
  await expect(summary).toContainText('104')
  await expect(summary).toContainText('€3,362.00')
  await expect(summary).toContainText('June 1, 2031 at 3:00 PM')
  await summary.getByRole('button', { name: 'Publish' }).click()

  await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible()
  const id = new URL(page.url()).searchParams.get('event') ?? ''
  await expect(page.getByText('Nobody has booked yet.')).toBeVisible()
  await expect(page.getByText('Live', { exact: true })).toBeVisible()

  const fan = await Person.register(server.url, 'Demo Fan')
  await fan.books(await fan.event(id), 3)
  await expect(figure(page, 'Left')).toContainText('101')
  await expect(figure(page, 'Sold here')).toContainText('3')
  await expect(figure(page, 'Revenue')).toContainText('€90.00')
  const bookings = page.getByRole('region', { name: 'Bookings' })
  await expect(bookings.getByRole('row', { name: /Demo Fan/ })).toContainText('Stalls × 3')
  await expect(page.getByRole('region', { name: 'History' }).getByRole('listitem').first()).toContainText('3 seats in Stalls booked')

  const sales = page.getByRole('region', { name: 'Sales', exact: true })
  await expect(sales.locator('canvas')).toBeVisible()
  await sales.getByText('Show as a table').click()
  await expect(sales.getByRole('row').nth(1)).toContainText('€90.00')
  await sales.getByRole('radio', { name: 'Days' }).check({ force: true })
  await expect(sales.getByRole('columnheader', { name: 'Sold' })).toBeVisible()
})

test.describe('with a network that fails', () => {
  test.use({ complaints: away })

  test('an event whose answer is lost is asked for again by itself, and is one event', async ({ page, signIn, buyer }) => {
    const title = `Encore ${crypto.randomUUID().slice(0, 8)}`
    await signIn(page, buyer, '/organizer/new')
    await page.getByLabel('Title').fill(title)
    await fillSection(page, 1, 'Stalls', '30', '100')
    await loseAnswer(page, '**/api/events')
    const sent = requests(page.context(), 'POST', /\/events$/)
    await page.getByRole('button', { name: 'Publish' }).dblclick()

    await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible()
    expect(new Set(sent.map((request) => request.headers()['idempotency-key'])).size).toBe(1)
    expect(sent).toHaveLength(2)
    await page.goto('/organizer')
    await expect(page.getByRole('link', { name: title })).toHaveCount(1)
  })
})

test('what is wrong with a new event is said at its fields, and nothing is published', everyWidth, async ({ page, signIn, buyer }) => {
  await signIn(page, buyer, '/organizer/new')
  await page.getByRole('button', { name: 'Publish' }).click()
  await expect(page.getByLabel('Title')).toBeFocused()
  await expect(page.getByLabel('Title')).toHaveAccessibleDescription('Give the event a title.')
  await page.getByLabel('Starts at').fill('2020-01-01T10:00')
  await page.getByLabel('Currency').selectOption('JPY')
  await page.getByLabel('Price (JPY)').fill('9.50')
  await page.getByLabel('Seats').fill('0')
  await page.getByRole('button', { name: 'Publish' }).click()
  await expect(page.getByLabel('Starts at')).toHaveAccessibleDescription(/Choose a time in the future/)
  await expect(page.getByLabel('Price (JPY)')).toHaveAccessibleDescription('JPY has no decimals.')
  await expect(page.getByLabel('Seats')).toHaveAccessibleDescription('Use a whole number, 1 to 1,000,000.')
  await expect(page).toHaveURL('/organizer/new')
})

test('one press publishes, also from a field that has something to say when it is left', everyWidth, async ({ page, signIn, buyer }) => {
  await signIn(page, buyer, '/organizer/new')
  await page.getByRole('button', { name: 'Add a section' }).click()
  await expect(page.getByRole('group', { name: 'Section 2' }).getByLabel('Name')).toBeFocused()
  await page.getByRole('button', { name: 'Publish' }).click()
  await expect(page.getByLabel('Title')).toHaveAccessibleDescription('Give the event a title.')
})

test('the bookings are downloaded as a table that no spreadsheet takes for formulas', async ({ page, server, signIn }) => {
  const { organiser, event } = await sold(server.url, ['=1+1, "Demo"', 'Demo Guest'])
  await signIn(page, organiser, `/organizer/sale?event=${event.id}`)
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download CSV' }).click()])
  expect(download.suggestedFilename()).toBe('encore-night-bookings.csv')
  const [head, ...rows] = parseCSV(await readFile(await download.path(), 'utf8'))
  expect(head).toEqual(['Booking', 'Buyer', 'Email', 'Section', 'Quantity', 'Amount', 'Currency', 'Status', 'Booked at', 'Cancelled at'])
  expect(rows.map((row) => row.slice(1, 2).concat(row.slice(3, 8)))).toEqual([
    ['Demo Guest', 'General admission', '1', '25', 'USD', 'CONFIRMED'],
    [`'=1+1, "Demo"`, 'General admission', '1', '25', 'USD', 'CONFIRMED'],
  ])
})

test('my events list only mine, and show how they sell', async ({ page, server, signIn, onSale }) => {
  await onSale()
  const { organiser, event } = await sold(server.url, ['Demo Guest'])
  await signIn(page, organiser, '/organizer')
  await expect(page.getByRole('listitem').filter({ has: page.getByRole('heading') })).toHaveCount(1)
  await expect(page.getByRole('main')).toContainText('1 of 40 taken')
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await (await Person.register(server.url)).books(event, 9)
  await expect(page.getByRole('main')).toContainText('10 of 40 taken')
  await page.getByRole('link', { name: event.title }).click()
  await expect(page).toHaveURL(`/organizer/sale?event=${event.id}`)
})

test('who has no events is shown how to make one', async ({ page, signIn, buyer }) => {
  await signIn(page, buyer, '/organizer')
  await expect(page.getByRole('heading', { name: 'Put your first event on sale' })).toBeVisible()
})

test.describe('of somebody else', () => {
  test.use({ complaints: /status of 40[34]/ })

  test('a sale is shown to its organiser only', async ({ page, signIn, buyer, onSale }) => {
    const event = await onSale()
    await signIn(page, buyer, `/organizer/sale?event=${event.id}`)
    await expect(page.getByRole('heading', { name: 'Only its organizer sees this' })).toBeVisible()
    await expect(page.getByRole('region', { name: 'Bookings' })).toHaveCount(0)
  })

  test('a sale that there is not says so', async ({ page, signIn, buyer }) => {
    await signIn(page, buyer, '/organizer/sale?event=nothing')
    await expect(page.getByRole('heading', { name: 'There is no such event' })).toBeVisible()
  })
})

async function fillSection(page: Page, number: number, name: string, price: string, seats: string) {
  const section = page.getByRole('group', { name: `Section ${number}` })
  await section.getByLabel('Name').fill(name)
  await section.getByLabel(/^Price/).fill(price)
  await section.getByLabel('Seats').fill(seats)
}

function figure(page: Page, name: string) {
  return page.getByRole('main').locator('dl > div').filter({ has: page.getByText(name, { exact: true }) })
}

/** An event of 40 seats by an organiser of its own, of which people with these names have booked one each, one after the other. */
async function sold(url: string, names: string[]): Promise<{ organiser: Person; event: Event }> {
  const organiser = await Person.register(url, 'Demo Organiser')
  const event = await organiser.puts({ title: 'Encore Night', totalTickets: 40, price: 25 })
  for (const name of names) await (await Person.register(url, name)).books(event)
  return { organiser, event }
}

/** The cells of RFC 4180 text, which may begin with a byte order mark. */
function parseCSV(text: string): string[][] {
  return text.replace(/^\ufeff/, '').trimEnd().split('\r\n').map((line) =>
    Array.from(line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g), ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? ''),
  )
}
