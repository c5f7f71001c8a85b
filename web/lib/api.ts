import createClient from 'openapi-fetch'
import { hearDate } from './clock'
import type { paths } from './openapi.gen'
import { Unreachable, answer } from './problem'
import { Tokens } from './tokens'

/** Where the API is: a path on this origin, or another origin that was named when the dashboard was built. */
export const apiBase = process.env.NEXT_PUBLIC_API_URL || '/api'

/** After this many ms without an answer there is none. */
const patience = 20_000

/** Calls that need no access token: they are how one gets it, and how one gives it back. */
const open = /\/auth\/(register|login|refresh|logout)$/

/**
 * The API, typed by its contract. Use it within `answer`. Every call has the access token, which is renewed first when it
 * is nearly over, and once more when it is refused. Reads include what this tab has been told of before.
 */
export const api = createClient<paths>({
  baseUrl: absolute(apiBase),
  credentials: 'include',
  fetch: (request) => (open.test(new URL(request.url).pathname) ? send(request) : authorized(request)),
})

/** The session of this tab. Only the session store has to know it. */
export const tokens = new Tokens({
  refresh: () => answer(api.POST('/auth/refresh')),
  locks: typeof navigator === 'undefined' ? undefined : navigator.locks,
  channel: typeof window === 'undefined' ? undefined : new BroadcastChannel('onsale-session'),
})

/** Where live counts come from. */
export function liveURL(): string {
  const url = new URL(`${absolute(apiBase)}/live`)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  return url.href
}

function absolute(base: string): string {
  return typeof location === 'undefined' ? base : new URL(base, location.href).href.replace(/\/$/, '')
}

async function authorized(request: Request): Promise<Response> {
  const token = await tokens.access()
  const again = request.clone()
  const response = await send(withToken(request, token))
  if (response.status !== 401) return response
  return send(withToken(again, await tokens.instead(token))) // a second 401 is the answer
}

function withToken(request: Request, token: string): Request {
  request.headers.set('Authorization', `Bearer ${token}`)
  return request
}

/** The highest place in the log that any answer was true for. Reads send it, so that no node answers with less. */
let position = 0

async function send(request: Request): Promise<Response> {
  if (request.method === 'GET' && position > 0) request.headers.set('Onsale-Position', String(position))
  const sent = Date.now()
  const response = await reach(request)
  hearDate(response.headers.get('Date'), sent, Date.now())
  position = Math.max(position, Number(response.headers.get('Onsale-Position')) || 0)
  return response
}

async function reach(request: Request): Promise<Response> {
  try {
    return await fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(patience)]) })
  } catch (error) {
    throw request.signal.aborted ? error : new Unreachable(error)
  }
}
