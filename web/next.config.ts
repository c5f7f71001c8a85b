import type { NextConfig } from 'next'

// Types are checked by `npm run check`, once and for the tests too; a build does not wait for them.
const shared: NextConfig = { typescript: { ignoreBuildErrors: true } }

// Built, the dashboard is a static export that the Go program embeds. `npm run dev` serves it from Next.js instead and
// passes the API on to a running `onsale serve`.
const config: NextConfig =
  process.env.NODE_ENV === 'production'
    ? { ...shared, output: 'export', images: { unoptimized: true } }
    : {
        ...shared,
        devIndicators: false,
        rewrites: async () => [{ source: '/api/:path*', destination: `${process.env.ONSALE_URL ?? 'http://localhost:3000'}/api/:path*` }],
      }

export default config
