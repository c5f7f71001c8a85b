import { useEffect } from 'react'
import { liveURL } from '@/lib/api'
import { Live } from '@/lib/live'
import { Refused, Unreachable } from '@/lib/problem'
import { useBookings } from './bookings'
import { useCatalog } from './catalog'
import { useConnection } from './connection'
import { accessToken, onSignedOut } from './session'

/** How often counts are read while they are not told, in ms. */
const polling = 5_000
/** A page that has been hidden for so long, in ms, is told nothing until it is shown again. */
const hiddenFor = 60_000

const live = new Live({
  url: liveURL,
  token: accessToken,
  counts: (counts) => useCatalog.getState().tell(...counts),
  state: (state) => useConnection.setState(state === 'live' ? { live: state, reachable: true } : { live: state }),
})

onSignedOut(() => live.reset())

/**
 * Keeps the counts of these events true in the catalog while the component is there: live, or read every five seconds while
 * that does not work. As often it asks again for a list of events or bookings that the server failed to give.
 */
export function useLive(ids: readonly string[]): void {
  const key = ids.join(' ')
  useEffect(() => watch(key === '' ? [] : key.split(' ')), [key])
}

let watchers = 0
let unfollow: () => void = () => undefined

/** What `useLive` does, until the returned function is called. */
export function watch(ids: readonly string[]): () => void {
  if (watchers++ === 0) unfollow = follow()
  const unwatch = live.watch(ids)
  let over = false
  return () => {
    if (over) return
    over = true
    unwatch()
    if (--watchers === 0) unfollow()
  }
}

/** Polls, and lets the connection know of what the page and the network do. */
function follow(): () => void {
  const over = new AbortController()
  const { signal } = over
  const timer = setInterval(() => void poll(signal), polling)
  let hiding: ReturnType<typeof setTimeout> | undefined

  function turn() {
    clearTimeout(hiding)
    if (document.visibilityState === 'visible') live.wake()
    else hiding = setTimeout(() => live.pause(), hiddenFor)
  }

  if (document.visibilityState !== 'visible') turn()
  document.addEventListener('visibilitychange', turn, { signal })
  window.addEventListener('online', () => live.wake(), { signal })
  return () => {
    over.abort()
    clearInterval(timer)
    clearTimeout(hiding)
    live.unpause()
    useConnection.setState({ reachable: true })
  }
}

let busy = false

async function poll(signal: AbortSignal): Promise<void> {
  if (busy || !useConnection.getState().online || document.visibilityState !== 'visible') return
  const untold = useConnection.getState().live === 'live' ? live.watched.filter(isFailed) : live.watched
  const events = untold.length > 0 || mayRecover(useCatalog.getState())
  const bookings = mayRecover(useBookings.getState())
  if (!events && !bookings) return
  busy = true
  try {
    if (events) await useCatalog.getState().refresh(untold, signal)
    if (bookings) await loadBookings()
    if (!signal.aborted) useConnection.setState({ reachable: true })
  } catch (error) {
    if (!signal.aborted) useConnection.setState({ reachable: !(error instanceof Unreachable) })
  } finally {
    busy = false
  }
}

async function loadBookings(): Promise<void> {
  await useBookings.getState().load()
  const { status, error } = useBookings.getState()
  if (status === 'failed') throw error
}

/** Whether what was asked for could not be had for a reason that passes: it is asked for again. */
function mayRecover({ status, error }: { status: string; error: unknown }): boolean {
  return status === 'failed' && (error instanceof Unreachable || (error instanceof Refused && error.status >= 500))
}

function isFailed(id: string): boolean {
  return useCatalog.getState().opened[id]?.status === 'failed'
}
