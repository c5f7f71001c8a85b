import { useCallback, useSyncExternalStore } from 'react'

/** The longest that a browser's timer can wait. */
const longestWait = 2 ** 31 - 1

/** Whether a moment has come, by this device's clock; turns true by itself when it does. Without a moment it never does. */
export function useStarted(date: string | null): boolean {
  const at = date ? Date.parse(date) : Infinity
  const subscribe = useCallback(
    (changed: () => void) => {
      const wait = at - Date.now()
      if (wait <= 0 || wait > longestWait) return () => {}
      const timer = setTimeout(changed, wait + 1)
      return () => clearTimeout(timer)
    },
    [at],
  )
  return useSyncExternalStore(subscribe, () => Date.now() >= at, () => false)
}
