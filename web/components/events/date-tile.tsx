import { CalendarClock } from 'lucide-react'
import { calendarDay } from '@/lib/format'

const tile = 'flex h-15 w-13 shrink-0 flex-col items-center justify-center rounded-lg border border-line bg-canvas'

/** A leaf of a calendar. Decoration: the date stands in words beside it. */
export function DateTile({ date }: { date: string | null }) {
  if (!date) return <span aria-hidden className={tile}><CalendarClock className="size-5 text-ink-faint" /></span>
  const { month, day } = calendarDay(date)
  return (
    <span aria-hidden className={tile}>
      <span className="text-[0.6875rem] leading-4 font-semibold tracking-wider text-bad">{month}</span>
      <span className="text-xl leading-6 font-semibold tracking-tight tabular">{day}</span>
    </span>
  )
}
