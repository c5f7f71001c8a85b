'use client'

import { Download } from 'lucide-react'
import { useCallback, useState } from 'react'
import { BookingStatus } from '@/components/bookings/booking-status'
import { Card } from '@/components/organizer/card'
import { CardError } from '@/components/organizer/card-error'
import { Button } from '@/components/ui/button'
import { Pager } from '@/components/ui/pager'
import { Skeleton } from '@/components/ui/skeleton'
import { formatDate, formatMoney, formatTime } from '@/lib/format'
import { notify } from '@/lib/notify'
import { explain } from '@/lib/problem'
import type { BookingDetails } from '@/store/bookings'
import type { Listing } from '@/store/catalog'
import { allBookings, bookingsPage, tableOf } from './bookings-table'
import { csv } from './csv'
import { download, fileName } from './download'
import { useFetched } from './use-fetched'

const pageSize = 10

/** Who booked, newest first. */
export function Bookings({ event, revision }: { event: Listing; revision: number }) {
  const [page, turn] = useState(1)
  const { data, error, retry } = useFetched(useCallback((signal) => bookingsPage(event.id, page, pageSize, signal), [event.id, page]), revision)
  return (
    <Card title="Bookings" action={data && data.meta.total > 0 && <DownloadButton event={event} />}>
      {data && data.data.length === 0 && <p className="grid h-32 place-items-center text-center text-ink-soft">Nobody has booked yet.</p>}
      {data && data.data.length > 0 && <Table bookings={data.data} />}
      {data && <Pager label="Pages of bookings" page={page} totalPages={data.meta.totalPages} onTurn={turn} />}
      {!data && (error ? <CardError error={error} onRetry={retry} /> : <Skeleton className="h-64" />)}
    </Card>
  )
}

function DownloadButton({ event }: { event: Listing }) {
  const [busy, setBusy] = useState(false)

  async function save() {
    setBusy(true)
    try {
      download(fileName(event.title, 'bookings.csv'), csv(tableOf(await allBookings(event.id))))
    } catch (error) {
      void notify('error', 'The bookings could not be downloaded.', { description: explain(error) })
    } finally {
      setBusy(false)
    }
  }

  return (
    <Button busy={busy} onClick={() => void save()}>
      {!busy && <Download aria-hidden className="size-4" />}
      Download CSV
    </Button>
  )
}

const cell = 'py-2.5 pl-4 align-top first:pl-0'

function Table({ bookings }: { bookings: readonly BookingDetails[] }) {
  return (
    <table className="w-full table-fixed text-sm">
      <thead className="text-left text-ink-soft">
        <tr className="border-b border-line">
          <th scope="col" className={`${cell} font-medium`}>Buyer</th>
          <th scope="col" className={`${cell} w-[44%] font-medium sm:w-[26%]`}>Tickets</th>
          <th scope="col" className={`${cell} w-[24%] font-medium max-sm:hidden`}>Booked</th>
          <th scope="col" className={`${cell} w-28 font-medium max-sm:hidden`}>Status</th>
        </tr>
      </thead>
      <tbody>
        {bookings.map(({ id, user, section, quantity, amount, currency, createdAt, status }) => (
          <tr key={id} className="border-b border-line last:border-0">
            <th scope="row" className={`${cell} text-left font-normal`}>
              <span className="block truncate font-medium">{user?.name ?? 'Somebody'}</span>
              <span className="block truncate text-ink-soft">{user?.email}</span>
            </th>
            <td className={cell}>
              <span className="block truncate"><bdi>{section.name}</bdi> × {quantity}</span>
              <span className="block text-ink-soft tabular">{formatMoney(amount, currency)}</span>
              <span className="mt-1 block sm:hidden"><BookingStatus status={status} /></span>
            </td>
            <td className={`${cell} text-ink-soft max-sm:hidden`}>
              <span className="block truncate">{formatDate(createdAt)}</span>
              <span className="block">{formatTime(createdAt)}</span>
            </td>
            <td className={`${cell} max-sm:hidden`}><BookingStatus status={status} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
