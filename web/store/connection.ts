import { create } from 'zustand'

/** How the live counts are: 'off' when nobody watches, or when the server said not to come back. */
export type LiveState = 'connecting' | 'live' | 'reconnecting' | 'off'

export type ConnectionState = {
  live: LiveState
  /** Whether the browser has a network. */
  online: boolean
  /** Whether the server answered when it was last asked for counts. */
  reachable: boolean
}

/** How this page is connected. Told by `store/live` and by the browser. */
export const useConnection = create<ConnectionState>()(() => ({ live: 'off', online: true, reachable: true }))

/** Follows the browser's own word on the network, until the returned function is called. */
export function followNetwork(): () => void {
  look()
  window.addEventListener('online', look)
  window.addEventListener('offline', look)
  return () => {
    window.removeEventListener('online', look)
    window.removeEventListener('offline', look)
  }
}

function look(): void {
  useConnection.setState({ online: navigator.onLine })
}
