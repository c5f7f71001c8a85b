import { useCallback, useSyncExternalStore } from 'react'
import { followClock, now } from '@/lib/clock'

/** The longest that a browser's timer can wait. */
const longestWait = 2 ** 31 - 1

/** Whether a moment has come, by the server's clock; turns true by itself when it does. Without a moment it never does. */
export function useStarted(date: string | null): boolean {
  const at = date ? Date.parse(date) : Infinity
  const subscribe = useCallback(
    (changed: () => void) => {
      let timer: ReturnType<typeof setTimeout>
      function wait() {
        clearTimeout(timer)
        const left = at - now()
        if (left > 0 && left <= longestWait) timer = setTimeout(changed, left + 1)
      }
      wait()
      const unfollow = followClock(() => {
        wait()
        changed()
      })
      return () => {
        unfollow()
        clearTimeout(timer)
      }
    },
    [at],
  )
  return useSyncExternalStore(subscribe, () => now() >= at, () => false)
}
