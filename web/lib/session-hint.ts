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

/** Paths that need a session, whether there is such a page or not. */
const guarded = /^\/(events|bookings|organizer)(?=[/.]|$)/

/** The pages that one may be led to, by the path of an address that has been parsed: before, "/events/..//example.com" looks like one. */
const page = /^(\/(?:events|bookings|organizer|organizer\/new|organizer\/sale))(?:\/|\.html)?$/

/** Where to go after log-in: the page that was asked for when it is one of ours, on this origin, or the events. */
export function safeNext(next: string | null, origin = location.origin): string {
  try {
    const asked = new URL(next ?? '/events', origin)
    const [, path] = page.exec(asked.pathname) ?? []
    return path && asked.origin === origin ? path + asked.search : '/events'
  } catch {
    return '/events' // no address at all
  }
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
      to = '/events'
      try {
        var asked = new URL(new URLSearchParams(location.search).get('next') || to, location.origin), found = ${page}.exec(asked.pathname)
        if (found && asked.origin === location.origin) to = found[1] + asked.search
      } catch (e) {}
    }
    if (!to) return
    document.documentElement.hidden = true
    location.replace(to)
  } catch (e) {}
})()`
