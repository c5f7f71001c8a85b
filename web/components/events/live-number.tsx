'use client'

import { useState } from 'react'
import { cn } from '@/lib/cn'
import { formatNumber } from '@/lib/format'

/** A number that glows for a moment whenever it changes, but not when it first appears. */
export function LiveNumber({ value }: { value: number }) {
  const [first] = useState(value)
  return (
    <span key={value} className={cn('rounded-sm tabular transition-[background-color] duration-1000', value !== first && 'starting:bg-current/25')}>
      {formatNumber(value)}
    </span>
  )
}
