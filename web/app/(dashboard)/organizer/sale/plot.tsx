'use client'

import 'uplot/dist/uPlot.min.css'
import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import { formatNumber } from '@/lib/format'
import { markDistances, tickWords, type BucketSize, type Curve } from './timeline'

type Props = { curve: Curve; /** Of the curve's buckets. */ size: BucketSize; /** Hears which point of the curve is pointed at. */ onPoint: (index: number | null) => void }

/** Draws a curve as large as the box it is in, in the colours of the theme. */
export function Plot({ curve, size, onPoint }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(null)
  const newest = useRef(curve)

  useEffect(() => {
    newest.current = curve
    plot.current?.setData(dataOf(curve))
  }, [curve])

  useEffect(() => {
    const within = box.current
    if (!within) return
    const room = () => ({ width: within.clientWidth, height: within.clientHeight })
    const drawn = new uPlot(options(room(), size, onPoint), dataOf(newest.current), within)
    plot.current = drawn
    const resized = new ResizeObserver(() => drawn.setSize(room()))
    resized.observe(within)
    const themed = new MutationObserver(() => drawn.redraw(false))
    themed.observe(document.documentElement, { attributeFilter: ['class'] })
    return () => {
      resized.disconnect()
      themed.disconnect()
      drawn.destroy()
      plot.current = null
    }
  }, [size, onPoint])

  return <div ref={box} aria-hidden className="h-full overflow-hidden" />
}

function dataOf({ at, total, sold }: Curve): uPlot.AlignedData {
  return [at, total, sold]
}

/** A colour of the theme, read whenever something is drawn, so that a change of theme only has to draw again. */
function color(name: string) {
  return () => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`)
}

function options(room: { width: number; height: number }, size: BucketSize, onPoint: Props['onPoint']): uPlot.Options {
  // A mark's words are centred on it, and the first and the last mark may be at the very ends of the axis.
  const halfOfWords = size === 'second' ? 38 : 30
  const font = `12px ${getComputedStyle(document.body).fontFamily}`
  const axis = { stroke: color('ink-faint'), font, ticks: { show: false }, border: { show: false } }
  return {
    ...room,
    padding: [8, halfOfWords, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    scales: {
      y: { range: (_, __, highest) => [0, Math.max(1, highest * 1.1)] },
      // The bars keep to the lowest quarter, below the line.
      pace: { range: (_, __, highest) => [0, Math.max(1, highest) * 4] },
    },
    axes: [
      { ...axis, grid: { show: false }, size: 32, space: 84, incrs: markDistances(size), values: (_, ticks, __, ___, step) => ticks.map((at) => tickWords(at, step)) },
      {
        ...axis,
        size: (_, values) => Math.max(halfOfWords, 16 + 7 * Math.max(1, ...(values ?? []).map((value) => value.length))),
        space: 36,
        incrs: Array.from({ length: 9 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat(),
        values: (_, ticks) => ticks.map(formatNumber),
        grid: { stroke: color('line'), width: 1 },
      },
    ],
    series: [
      {},
      { scale: 'y', stroke: color('accent'), fill: color('accent-soft'), width: 2, paths: uPlot.paths.stepped?.({ align: 1 }), points: { show: false } },
      { scale: 'pace', fill: color('accent'), alpha: 0.4, width: 0, paths: uPlot.paths.bars?.({ size: [0.7, 16] }), points: { show: false } },
    ],
    hooks: { setCursor: [(drawn) => onPoint(pointed(drawn))] },
  }
}

/** The last point at or before the pointer: the curve is level until the next one. Null where the pointer is elsewhere. */
function pointed({ cursor: { left }, data: [at], posToVal }: uPlot): number | null {
  if (left === undefined || left < 0) return null
  const time = posToVal(left, 'x')
  const next = at.findIndex((each) => each > time)
  return next === -1 ? at.length - 1 : Math.max(0, next - 1)
}
