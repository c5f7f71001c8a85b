import { Button } from '@/components/ui/button'
import { explain } from '@/lib/problem'

/** Why a part of a page is missing, and the way to ask for it again. */
export function CardError({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <div role="alert" className="grid justify-items-center gap-3 py-8 text-center text-sm text-ink-soft">
      <p>{explain(error)}</p>
      <Button onClick={onRetry}>Try again</Button>
    </div>
  )
}
