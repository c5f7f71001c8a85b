import type { components } from '@/lib/openapi.gen'

export type Entry = components['schemas']['HistoryEntry']

/**
 * Two pieces of an event's history as one, newest first. Versions have no gaps, so a gap is what nobody has read yet:
 * what lies behind it is left out, and read again when it is asked for.
 */
export function join(known: readonly Entry[], read: readonly Entry[]): Entry[] {
  const all = new Map([...known, ...read].map((entry) => [entry.version, entry]))
  const sorted = [...all.values()].toSorted((a, b) => b.version - a.version)
  const gap = sorted.findIndex((entry, i) => i > 0 && sorted[i - 1]?.version !== entry.version + 1)
  return gap === -1 ? sorted : sorted.slice(0, gap)
}
