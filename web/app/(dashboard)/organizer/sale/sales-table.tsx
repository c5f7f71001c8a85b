import { formatMoney, formatNumber } from '@/lib/format'
import { whenWords, type Bucket, type BucketSize } from './timeline'

/** So many rows are read at most; who wants more counts by longer times. */
const rows = 100

const cell = 'py-2 pl-4 text-right whitespace-nowrap first:pl-0 first:text-left'

/** The chart in numbers, newest first. */
export function SalesTable({ buckets, size, currency }: { buckets: readonly Bucket[]; size: BucketSize; currency: string }) {
  return (
    <details className="group mt-2">
      <summary className="-mx-2 inline-flex min-h-11 items-center rounded-lg px-2 text-sm text-ink-soft transition-colors hover:text-ink">
        <span className="group-open:hidden">Show as a table</span>
        <span className="hidden group-open:inline">Hide the table</span>
      </summary>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard */}
      <section aria-label={`Sales by ${size}`} tabIndex={0} className="max-h-72 overflow-auto">
        <table className="w-full text-sm tabular">
          <thead className="text-ink-soft">
            <tr className="border-b border-line">
              <th scope="col" className={`${cell} font-medium`}>When</th>
              <th scope="col" className={`${cell} font-medium`}>Sold</th>
              <th scope="col" className={`${cell} font-medium`}>Cancelled</th>
              <th scope="col" className={`${cell} font-medium`}>Revenue</th>
            </tr>
          </thead>
          <tbody>
            {buckets.slice(-rows).toReversed().map((bucket) => (
              <tr key={bucket.at} className="border-b border-line last:border-0">
                <th scope="row" className={`${cell} font-normal`}>{whenWords(bucket.at, size)}</th>
                <td className={cell}>{formatNumber(bucket.booked)}</td>
                <td className={cell}>{formatNumber(bucket.cancelled)}</td>
                <td className={cell}>{formatMoney(bucket.revenue, currency)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {buckets.length > rows && <p className="mt-2 text-sm text-ink-faint">The newest {rows} of {formatNumber(buckets.length)}.</p>}
    </details>
  )
}
