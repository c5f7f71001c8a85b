import { Minus, Plus } from 'lucide-react'
import { useId } from 'react'
import { Button } from '@/components/ui/button'
import { mostPerBooking } from './use-selection'

type Props = { quantity: number; most: number; /** Whether they are being booked, so that `most` does not count them. */ booking: boolean; onChange: (quantity: number) => void }

/** Chooses 1 to `most` tickets. */
export function QuantityStepper({ quantity, most, booking, onChange }: Props) {
  const label = useId()
  return (
    <fieldset disabled={booking} aria-labelledby={label} className="flex items-center justify-between gap-4">
      <div>
        <p id={label} className="text-sm font-medium">Tickets</p>
        <p className="text-sm text-ink-faint tabular">{most < mostPerBooking && !booking ? `Only ${most} left` : `Up to ${mostPerBooking} in one booking`}</p>
      </div>
      <div className="flex items-center gap-1">
        <Button square aria-label="One ticket fewer" disabled={quantity <= 1} onClick={() => onChange(quantity - 1)}>
          <Minus aria-hidden className="size-4" />
        </Button>
        <output aria-live="polite" className="w-10 text-center font-semibold tabular">{quantity}</output>
        <Button square aria-label="One ticket more" disabled={quantity >= most} onClick={() => onChange(quantity + 1)}>
          <Plus aria-hidden className="size-4" />
        </Button>
      </div>
    </fieldset>
  )
}
