import { once } from 'node:events'
import type { BrowserContext, Page, Request } from '@playwright/test'

/** What a page complains about, for `complaints`, when its server or the network goes away: requests that fail, and the socket. */
export const away = /net::ERR_|WebSocket connection to .* failed/

/** Holds back the next request to an address until what it returns is called. */
export async function hold(page: Page, url: string): Promise<() => void> {
  const gate = new AbortController()
  await page.route(url, async (route) => {
    if (!gate.signal.aborted) await once(gate.signal, 'abort')
    await route.continue()
  }, { times: 1 })
  return () => gate.abort()
}

/** Has something happen after the next request to an address was made, and before the server hears of it. */
export async function justBefore(page: Page, url: string, happen: () => Promise<unknown>): Promise<void> {
  await page.route(url, async (route) => {
    await happen()
    await route.continue()
  }, { times: 1 })
}

/** Loses the next answer from an address on its way: the server did what it was asked for, and nobody hears of it. */
export async function loseAnswer(page: Page, url: string): Promise<void> {
  await page.route(url, async (route) => {
    await route.fetch()
    await route.abort('connectionreset')
  }, { times: 1 })
}

/** The requests that a browser makes from now on with this method, to paths like this. */
export function requests(context: BrowserContext, method: string, path: RegExp): Request[] {
  const made: Request[] = []
  context.on('request', (request) => {
    if (request.method() === method && path.test(new URL(request.url()).pathname)) made.push(request)
  })
  return made
}
