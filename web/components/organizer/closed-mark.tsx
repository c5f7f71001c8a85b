/** Marks an event whose sales have been closed before its start. */
export function ClosedMark() {
  return <span className="inline-flex shrink-0 items-center rounded-full bg-sunken px-2 py-0.5 text-xs font-medium text-ink-soft">Closed</span>
}
