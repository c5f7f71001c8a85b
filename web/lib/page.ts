/** The highest page that is asked for: beyond it nobody has ever been. */
const last = 1_000_000

/** The page that an address names, from 1; the first where it names none that makes sense. */
export function pageOf(param: string | null): number {
  const page = param !== null && /^\d{1,7}$/.test(param) ? Number(param) : 1
  return Math.min(Math.max(page, 1), last)
}
