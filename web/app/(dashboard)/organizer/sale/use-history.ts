import { useCallback, useState } from 'react'
import { api } from '@/lib/api'
import { answer } from '@/lib/problem'
import { join, type Entry } from './history-entries'
import { useFetched } from './use-fetched'

const page = 100
/** So many entries are shown at first, and so many more with each step back. */
const atFirst = 15
const step = 50

/** What happened to an event's sale, newest first; follows `revision`, a number that grows with the sale. */
export function useHistory(eventId: string, revision: number) {
  const [known, setKnown] = useState<readonly Entry[]>([])
  const [wanted, setWanted] = useState(atFirst)

  const read = useCallback(
    async (before?: number, signal?: AbortSignal) => {
      const query = { limit: page, before }
      const { data } = await answer(api.GET('/events/{id}/history', { params: { path: { id: eventId }, query }, signal }))
      setKnown((already) => join(already, data))
    },
    [eventId],
  )
  const { error, loading, retry } = useFetched(useCallback((signal) => read(undefined, signal), [read]), revision)

  const oldest = known.at(-1)?.version ?? 1
  return {
    entries: known.slice(0, wanted),
    error,
    loading,
    retry,
    /** Whether there is anything older than `entries`. */
    more: known.length > wanted || oldest > 1,
    /** Shows older ones. Throws what the reading threw. */
    older: async () => {
      if (known.length < wanted + step && oldest > 1) await read(oldest)
      setWanted(wanted + step)
    },
  }
}
