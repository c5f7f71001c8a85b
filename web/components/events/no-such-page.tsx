import { CalendarX2 } from 'lucide-react'
import { Button } from '@/components/ui/button'
import { Notice } from '@/components/ui/notice'
import { formatNumber } from '@/lib/format'

/** Stands for a page of events behind the last. */
export function NoSuchPage({ page, onFirst }: { page: number; onFirst: () => void }) {
  return (
    <Notice icon={CalendarX2} title="No events found" text={`There is no page ${formatNumber(page)}.`}>
      <Button variant="primary" onClick={onFirst}>See the first page</Button>
    </Notice>
  )
}
