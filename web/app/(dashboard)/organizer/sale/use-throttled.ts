import { useEffect, useRef, useState } from 'react'

/**
 * A value that follows another at most once in so many ms: the first change is taken in after that time too, with whatever the
 * value is then. So a storm of changes is one, and the newest is never left out.
 */
export function useThrottled<T>(value: T, ms: number): T {
  const [shown, setShown] = useState(value)
  const newest = useRef(value)
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null)

  useEffect(() => {
    newest.current = value
    if (Object.is(value, shown) || timer.current) return
    timer.current = setTimeout(() => {
      timer.current = null
      setShown(newest.current)
    }, ms)
  }, [value, shown, ms])

  useEffect(
    () => () => {
      if (timer.current) clearTimeout(timer.current)
      timer.current = null
    },
    [],
  )

  return shown
}
