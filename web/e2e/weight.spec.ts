import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from '@playwright/test'

const dist = join(import.meta.dirname, '../dist')
const pages = ['login', 'register', 'events', 'bookings', 'organizer', 'organizer/new', 'organizer/sale', '404']

for (const page of pages) {
  test(`the scripts that /${page} begins with are at most 180 KB`, async () => {
    const html = await readFile(join(dist, `${page}.html`), 'utf8')
    const scripts = new Set(Array.from(html.matchAll(/<script\b(?![^>]*\bnomodule\b)[^>]*\bsrc="([^"?]+)/gi), ([, src]) => src ?? ''))
    expect(scripts.size).toBeGreaterThan(3)
    const sizes = await Promise.all([...scripts].map(async (src) => gzipSync(await readFile(join(dist, src))).length))
    expect(sizes.reduce((sum, size) => sum + size, 0) / 1024).toBeLessThanOrEqual(180)
  })
}
