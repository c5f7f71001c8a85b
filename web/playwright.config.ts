import { defineConfig } from '@playwright/test'

// The real program with the built dashboard and a PostgreSQL of its own for each worker (e2e/server.ts), in the browser that
// the machine has: CHROMIUM, or chromium on the PATH.
export default defineConfig({
  testDir: 'e2e',
  outputDir: '.playwright/results',
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  retries: process.env.CI ? 1 : 0, // machines that are shared stall; what passes only then is reported as flaky
  workers: 2,
  timeout: 45_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  use: {
    locale: 'en-US',
    timezoneId: 'America/New_York',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
    },
  },
  // What does not depend on the width runs on the desktop only: see `everyWidth` in e2e/test.ts.
  projects: [
    { name: 'phone', grep: /@every-width/, use: { viewport: { width: 375, height: 812 }, hasTouch: true, isMobile: true } },
    { name: 'tablet', grep: /@every-width/, use: { viewport: { width: 768, height: 1024 } } },
    { name: 'desktop', use: { viewport: { width: 1280, height: 800 } } },
  ],
})
