/** How much of a number of seats is taken, as a bar. Decoration: the numbers stand in words beside it. */
export function TakenBar({ taken, total }: { taken: number; total: number }) {
  const share = total === 0 ? 0 : Math.min(100, (taken / total) * 100)
  return (
    <div aria-hidden className="h-1.5 overflow-hidden rounded-full bg-sunken">
      <div className="h-full rounded-full bg-accent transition-[width] duration-300" style={{ width: `${share}%` }} />
    </div>
  )
}
