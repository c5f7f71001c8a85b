import { test as base, expect, type BrowserContext, type Page } from '@playwright/test'
import { password, Person, type Event, type NewEvent } from './people'
import { Server } from './server'

type Fixtures = {
  /** What pages may complain about in their console; nothing by default. (No list: Playwright takes one of two for something else.) */
  complaints: RegExp
  /** What the page's console has complained about so far. */
  said: string[]
  /** Somebody new, not signed in yet. */
  buyer: Person
  /** Puts a new event on sale, by an organiser of its own, with a title nobody else has. */
  onSale: (event?: Partial<NewEvent>) => Promise<Event>
  /** Signs a person in through the log-in page, and goes on to an address. */
  signIn: (page: Page, person: Person, at?: string) => Promise<void>
  /** A browser of its own, as another person's, watched for complaints like the first one. */
  anotherBrowser: () => Promise<Page>
}

/** Tests with this tag run at every width, the others on the desktop only. */
export const everyWidth = { tag: '@every-width' }

/** Playwright's test with a real server behind it, which fails when a page logs an error, throws, or breaks its policy. */
export const test = base.extend<Fixtures, { server: Server }>({
  server: [
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const server = await Server.start()
      await use(server)
      await server.remove()
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  baseURL: async ({ server }, use) => use(server.url),
  complaints: [/(?!)/, { option: true }],
  // oxlint-disable-next-line no-empty-pattern
  said: async ({}, use) => use([]),

  context: async ({ context, said, complaints }, use) => {
    context.on('page', (page) => listen(page, said))
    await use(context)
    expect(unexpected(said, complaints), 'what the console said').toEqual([])
  },

  anotherBrowser: async ({ browser, baseURL, complaints }, use) => {
    const heard: string[] = []
    const contexts: BrowserContext[] = []
    await use(async () => {
      const context = await browser.newContext({ baseURL, viewport: { width: 1280, height: 800 }, locale: 'en-US', timezoneId: 'America/New_York' })
      contexts.push(context)
      context.on('page', (page) => listen(page, heard))
      return context.newPage()
    })
    for (const context of contexts) await context.close()
    expect(unexpected(heard, complaints), 'what the other console said').toEqual([])
  },

  buyer: async ({ server }, use) => use(await Person.register(server.url)),

  onSale: async ({ server }, use) => {
    const organiser = await Person.register(server.url, 'Demo Organiser')
    await use((event) =>
      organiser.puts({
        title: `Gig ${crypto.randomUUID().slice(0, 8)}`,
        description: 'An evening that everybody wants to be at.',
        venue: 'Harbour Hall',
        date: new Date(Date.now() + 30 * 24 * 3600_000).toISOString(),
        ...(event?.sections ? {} : { totalTickets: 10, price: 25 }),
        ...event,
      }),
    )
  },

  // oxlint-disable-next-line no-empty-pattern
  signIn: async ({}, use) => {
    await use(async (page, person, at = '/events') => {
      await page.goto(`/login?next=${encodeURIComponent(at)}`)
      await page.getByLabel('Email').fill(person.email)
      await page.getByLabel('Password', { exact: true }).fill(password)
      await page.getByRole('button', { name: 'Log in' }).click()
      await page.waitForURL((url) => url.pathname + url.search === at)
    })
  },
})

export { expect }

// The browser reports a broken Content-Security-Policy as an error in the console, too.
function listen(page: Page, heard: string[]) {
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') heard.push(`${message.text()} (${message.location().url})`)
  })
  page.on('pageerror', (error) => heard.push(`${error.name}: ${error.message}`))
}

function unexpected(heard: string[], complaints: RegExp): string[] {
  return heard.filter((line) => !complaints.test(line))
}
