import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { alias: { '@': import.meta.dirname } },
  oxc: { jsx: { runtime: 'automatic' } },
  test: {
    environment: 'jsdom',
    include: ['{app,components,lib,store}/**/*.test.{ts,tsx}'],
    restoreMocks: true,
  },
})
