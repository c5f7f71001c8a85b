import { expect, test } from 'vitest'
import { join, type Entry } from './history-entries'

function entries(...versions: number[]): Entry[] {
  return versions.map((version) => ({ version, position: version, type: 't', at: '', recordedAt: '', by: null, summary: '', data: {} }))
}

test.each([
  ['the first page', [], [3, 2, 1], [3, 2, 1]],
  ['newer entries come before', [2, 1], [4, 3, 2], [4, 3, 2, 1]],
  ['older ones after', [4, 3], [2, 1], [4, 3, 2, 1]],
  ['an answer that came late takes nothing away', [4, 3, 2], [3, 2, 1], [4, 3, 2, 1]],
  ['what lies behind a gap is left out', [3, 2, 1], [9, 8, 7], [9, 8, 7]],
  ['nothing new changes nothing', [2, 1], [], [2, 1]],
])('%s', (_, known, read, joined) => {
  expect(join(entries(...known), entries(...read)).map(({ version }) => version)).toEqual(joined)
})
