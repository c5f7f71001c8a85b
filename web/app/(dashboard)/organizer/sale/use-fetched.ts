import { useCallback, useEffect, useMemo, useState } from 'react'

export type Fetched<T> = {
  /** The newest answer, kept while another is waited for; null before the first. */
  data: T | null
  /** Why the newest request that is over failed; null when it did not. */
  error: unknown
  loading: boolean
  retry: () => void
}

/**
 * Fetches what `load` loads, again whenever `load` is another function (keep it with useCallback) or `revision` another
 * value. The newest request wins: those before it are aborted.
 */
export function useFetched<T>(load: (signal: AbortSignal) => Promise<T>, revision: unknown): Fetched<T> {
  const [tries, setTries] = useState(0)
  const request = useMemo(() => ({ load, revision, tries }), [load, revision, tries])
  const [answered, setAnswered] = useState<{ request: object | null; data: T | null; error: unknown }>({ request: null, data: null, error: null })

  useEffect(() => {
    const gone = new AbortController()
    request.load(gone.signal).then(
      (data) => gone.signal.aborted || setAnswered({ request, data, error: null }),
      (error: unknown) => gone.signal.aborted || setAnswered(({ data }) => ({ request, data, error })),
    )
    return () => gone.abort()
  }, [request])

  return {
    data: answered.data,
    error: answered.error,
    loading: answered.request !== request,
    retry: useCallback(() => setTries((n) => n + 1), []),
  }
}
