import type { Locator, Page } from '@playwright/test'
import type { Event } from './people'

/** The address of a list that has only this event in it. */
export function listOf(event: Event): string {
  return `/events?search=${encodeURIComponent(event.title)}`
}

/** The address of an event's sheet, over the list of all events. */
export function sheetOf(event: Event): string {
  return `/events?event=${event.id}`
}

/** The event in the list. */
export function card(page: Page, event: Event): Locator {
  return page.getByRole('article').filter({ has: page.getByRole('heading', { name: event.title, exact: true }) })
}

/** The sheet with everything about the event. */
export function sheet(page: Page, event: Event): Locator {
  return page.getByRole('dialog', { name: event.title })
}

/** A notification with these words. */
export function toast(page: Page, words: string): Locator {
  return page.getByRole('region', { name: /^Notifications/ }).getByRole('listitem').filter({ hasText: words })
}
