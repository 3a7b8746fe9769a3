import { axisX, axisY, gridY, type PlotOptions, rectY, ruleX, ruleY, text } from '@observablehq/plot'
import type { RunFacts } from '../../model/run-facts.ts'
import type { Summary } from '../../model/summary.ts'
import type { Html } from '../markup.ts'
import { number } from '../summary-text.ts'
import { draw } from './svg.ts'

/** The distribution of response times on a logarithmic axis. */
export function latencyChart(
  { requests }: RunFacts,
  { latencyMs }: Summary['requests'],
  label: string,
): Html {
  const bars = spread(requests.latency)
  const [first, last] = [bars[0], bars.at(-1)]
  const domain = [first?.from ?? 1, last?.to ?? 10]
  const marks = (['p50', 'p95', 'p99'] as const).map(name => ({ name, ms: latencyMs[name] }))
  const inside = ({ ms }: { ms: number }) => Math.min(Math.max(ms, domain[0] ?? ms), domain[1] ?? ms)

  // All labels are on the side with room, each high enough not to be crossed by another line.
  const share = (ms: number) =>
    Math.log(ms / (domain[0] ?? 1)) / Math.log((domain[1] ?? 10) / (domain[0] ?? 1))
  const isRight = share(Math.max(1, inside({ ms: latencyMs.p99 }))) > 0.7
  const heightOf = (i: number) => 13 * (isRight ? i : marks.length - 1 - i)

  return draw(label, (width): PlotOptions => {
    const ticks = rounds.filter(ms => ms >= (domain[0] ?? 0) && ms <= (domain[1] ?? 0))
    return {
      height: 220,
      marginLeft: 56,
      marginRight: 12,
      marginTop: 54,
      marginBottom: 40,
      x: { type: 'log', domain, label: null },
      y: { label: null, domain: [0, Math.max(1, ...bars.map(({ count }) => count)) * 1.05] },
      marks: [
        gridY({ strokeOpacity: 0.12 }),
        axisX({
          ticks: width === 'wide' ? ticks : ticks.filter(isRoundest),
          tickFormat: sayMs,
          label: 'from the start of the request to the end of the response',
          labelAnchor: 'center',
          labelArrow: 'none',
        }),
        axisY({ ticks: 4, tickSize: 0, tickFormat: number }),
        rectY(bars, { x1: 'from', x2: 'to', y: 'count', fill: 'var(--accent)', fillOpacity: 0.55 }),
        ...marks.flatMap((mark, i) => [
          ruleX([mark], { x: inside, strokeDasharray: '3 3', insetTop: -14 - heightOf(i) }),
          text([mark], {
            x: inside,
            frameAnchor: 'top',
            text: ({ name, ms }: Mark) => `${name} ${sayMs(ms)}`,
            textAnchor: isRight ? 'end' : 'start',
            dx: isRight ? -3 : 3,
            dy: -6 - heightOf(i),
            lineAnchor: 'bottom',
          }),
        ]),
        ruleY([0], { stroke: 'currentColor' }),
      ],
    }
  })
}

interface Mark {
  name: string
  ms: number
}

/** Counts per millisecond as bars between round numbers, ten in every tenfold. */
export function spread(latency: Uint32Array): { from: number; to: number; count: number }[] {
  const bars = edges.slice(0, -1).map((from, i) => ({ from, to: edges[i + 1] ?? from, count: 0 }))
  for (const [ms, count] of latency.entries()) {
    if (count === 0) continue
    const bar = bars.findLast(({ from }) => from <= ms) ?? bars[0]
    if (bar !== undefined) bar.count += count
  }
  const first = bars.findIndex(({ count }) => count > 0)
  return first < 0 ? [] : bars.slice(first, bars.findLastIndex(({ count }) => count > 0) + 1)
}

const steps = [1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5, 6.3, 8]
const edges = [
  0.5,
  ...new Set([1, 10, 100, 1000, 10_000, 100_000].flatMap(ten => steps.map(step => Math.floor(step * ten)))),
]
/** Where the axis may have a number. */
const rounds = [1, 10, 100, 1000, 10_000, 100_000].flatMap(ten => [ten, ten * 2, ten * 5])

function isRoundest(ms: number): boolean {
  return Number.isInteger(Math.log10(ms))
}

/** `80 ms`, `1.5 s` */
export function sayMs(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${Math.round(ms / 100) / 10} s`
}
