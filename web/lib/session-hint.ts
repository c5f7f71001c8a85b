const key = 'onsale:session'

/**
 * What this browser remembers of a session between pages. It is no secret and proves nothing: the refresh token is a cookie
 * that scripts cannot read, and this only says whether asking with it is worth while.
 *
 * - `in`: somebody is logged in.
 * - `leaving`: somebody logged out while the server could not be told. The cookie may be good still; it is not used.
 * - null: nobody, or the browser lets nothing be remembered.
 */
export type SessionHint = 'in' | 'leaving' | null

export function getHint(): SessionHint {
  try {
    const value = localStorage.getItem(key)
    return value === 'in' || value === 'leaving' ? value : null
  } catch {
    return null
  }
}

export function setHint(hint: 'in' | 'leaving'): void {
  try {
    localStorage.setItem(key, hint)
  } catch {
    // Then every new page asks for a log-in.
  }
}

export function clearHint(): void {
  try {
    localStorage.removeItem(key)
  } catch {
    // There is nothing to remove.
  }
}

/** Pages that need a session. A path that begins so is on this origin, however it goes on. */
const guarded = /^\/(events|bookings|organizer)(?=[/?#.]|$)/

/** Where to go after log-in: the path that was asked for when it is a page of ours, or the events. */
export function safeNext(next: string | null): string {
  return next !== null && guarded.test(next) ? next : '/events'
}

/** The log-in page that leads back to `path` afterwards. */
export function loginFor(path: string): string {
  return `/login?next=${encodeURIComponent(path)}`
}

/**
 * The text of an inline script for the head. Before anything is painted it takes a browser without a session from a guarded
 * page to /login, and one with a session from /login and /register to where it wanted to go. It says what `safeNext` and
 * `loginFor` say; a test holds them together.
 */
export const sessionGate = `(function () {
  try {
    var inside = localStorage.getItem('${key}') === 'in', path = location.pathname, guarded = ${guarded}, to
    if (path === '/') to = inside ? '/events' : '/login'
    else if (guarded.test(path)) to = inside ? null : '/login?next=' + encodeURIComponent(path + location.search)
    else if (inside && /^\\/(login|register)(?=[/.]|$)/.test(path)) {
      to = new URLSearchParams(location.search).get('next')
      if (!to || !guarded.test(to)) to = '/events'
    }
    if (!to) return
    document.documentElement.hidden = true
    location.replace(to)
  } catch (e) {}
})()`
