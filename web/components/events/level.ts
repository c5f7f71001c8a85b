/** How much is left: over a half, a tenth to a half, below a tenth, nothing. */
export type Level = 'plenty' | 'some' | 'few' | 'none'

/** Counted in whole tickets, so that exactly a half is 'some' and exactly a tenth is too. */
export function level(remaining: number, total: number): Level {
  if (remaining <= 0) return 'none'
  if (remaining * 2 > total) return 'plenty'
  return remaining * 10 >= total ? 'some' : 'few'
}

/** The points that are worth interrupting a screen reader for, from far to near. */
const thresholds = [
  { reached: (left: number, total: number) => left * 2 <= total, words: (title: string) => `Half of the tickets for ${title} are gone.` },
  { reached: (left: number, total: number) => left * 10 <= total, words: (title: string) => `Only a tenth of the tickets for ${title} is left.` },
  { reached: (left: number) => left <= 5, words: (title: string) => `The last few tickets for ${title} are left.` },
  { reached: (left: number) => left <= 0, words: (title: string) => `${title} is sold out.` },
]

/** How many of the thresholds a count has passed, 0 to 4. */
export function thresholdsPassed(remaining: number, total: number): number {
  return thresholds.findLastIndex(({ reached }) => reached(remaining, total)) + 1
}

/** What is said when sales end, whatever is left. */
export function endedWords(title: string): string {
  return `Sales of tickets for ${title} have ended.`
}

/** What is said when so many thresholds have been passed; nothing at 0. */
export function thresholdWords(passed: number, title: string): string {
  return thresholds[passed - 1]?.words(title) ?? ''
}
