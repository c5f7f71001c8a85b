import { useId } from 'react'
import type { BucketSize } from './timeline'

const names: Record<BucketSize, string> = { second: 'Seconds', minute: 'Minutes', hour: 'Hours', day: 'Days' }

/** How finely the chart counts. */
export function BucketChoice({ choices, chosen, onChoose }: { choices: readonly BucketSize[]; chosen: BucketSize; onChoose: (size: BucketSize) => void }) {
  const name = useId()
  return (
    <fieldset className="flex rounded-lg bg-sunken p-0.5">
      <legend className="sr-only">Count by</legend>
      {choices.map((size) => (
        <label
          key={size}
          className="relative grid min-h-11 cursor-pointer place-items-center rounded-md px-2.5 text-sm text-ink-soft transition-colors has-checked:bg-raised has-checked:text-ink has-checked:shadow-card has-focus-visible:outline-2 has-focus-visible:outline-accent sm:px-3"
        >
          <input type="radio" name={name} value={size} checked={size === chosen} onChange={() => onChoose(size)} className="absolute inset-0 cursor-pointer opacity-0" />
          {names[size]}
        </label>
      ))}
    </fieldset>
  )
}
