import { createServer, type IncomingHttpHeaders } from 'node:http'
import { onTestFinished, vi } from 'vitest'
import type { Problem } from './problem'
import type { Session } from './tokens'

export type Asked = { call: string; headers: IncomingHttpHeaders; body: string }
type Told = { status?: number; headers?: Record<string, string>; body?: unknown }

/** A server on this machine that answers for the API, for one test. `call` is like "POST /auth/refresh". */
export async function loopback(answer: (asked: Asked) => Told | Promise<Told>) {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const one = { call: `${request.method} ${request.url}`, headers: request.headers, body }
    asked.push(one)
    const told = await answer(one)
    response.writeHead(told.status ?? 200, { 'Content-Type': 'application/json', ...told.headers })
    response.end(told.body === undefined ? undefined : JSON.stringify(told.body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const stop = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections()
      server.close(() => resolve())
    })
  onTestFinished(stop)
  return {
    url: typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : '',
    asked,
    calls: () => asked.map(({ call }) => call),
    stop,
  }
}

export function problem(status: number, code: Problem['code'], more: Partial<Problem> = {}): Problem {
  return { type: `urn:problem-type:onsale:${code}`, title: code, status, code, requestId: '1', ...more }
}

let issued = 0

/** An access token that is good for `life` seconds, never the same twice. */
export function jwt(life = 900): string {
  const iat = Math.floor(Date.now() / 1000)
  return `e30.${Buffer.from(JSON.stringify({ iat, exp: iat + life, jti: ++issued })).toString('base64url')}.c2ln`
}

export function session(name = 'Demo User', accessToken = jwt()): Session {
  return { user: { id: `id of ${name}`, email: 'user@example.com', name, role: 'user', createdAt: '2031-01-15T12:00:00Z' }, accessToken }
}

/** Closes the test's tabs at its end, so that they do not talk to those of the next. */
export function closeTabsAfterwards(): void {
  const channels = new Set<BroadcastChannel>()
  const Channel = BroadcastChannel
  vi.stubGlobal(
    'BroadcastChannel',
    class extends Channel {
      constructor(name: string) {
        super(name)
        channels.add(this)
      }
    },
  )
  onTestFinished(() => {
    for (const channel of channels) channel.close()
    vi.unstubAllGlobals()
  })
}
