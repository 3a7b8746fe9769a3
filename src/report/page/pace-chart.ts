import {
  areaY,
  axisX,
  axisY,
  dot,
  gridY,
  lineY,
  type PlotOptions,
  rect,
  ruleX,
  ruleY,
  text,
} from '@observablehq/plot'
import type { RunFacts } from '../../model/run-facts.ts'
import type { Html } from '../markup.ts'
import { duration, number } from '../summary-text.ts'
import { draw, type Width } from './svg.ts'
import { columns, unitOf } from './time-axis.ts'

/** A pace is the mean over as long as this many requests take at the limit; over less, it would jump about. */
const requestsMin = 40

/** Requests per minute over the run, against the limit; pauses, 429s and resumes marked. */
export function paceChart(facts: RunFacts, label: string): Html {
  const { activeMs, timeline } = facts
  const unit = unitOf(activeMs)
  const at = (ms: number) => ms / unit.ms
  const end = at(activeMs)
  const paces = paceOverTime(facts)
  const limits = timeline.legs.flatMap(({ from, limitPerMinute: limit }, i) =>
    limit === null ? [] : [{ from: at(from), to: at(timeline.legs[i + 1]?.from ?? activeMs), limit }],
  )
  const top = Math.max(...paces.map(({ pace }) => pace), ...limits.map(({ limit }) => limit), 1) * 1.2
  const paused = timeline.pauses.map(({ from, to }) => ({
    from: at(from),
    to: Math.max(at(to), at(from) + end / 300),
  }))
  const limited = columns(timeline.limited, facts, 120).filter(({ count }) => count > 0)
  const resumed = timeline.legs.slice(1).map(leg => ({ at: at(leg.from), away: leg.awayMs }))
  const lastLimit = limits.at(-1)

  return draw(label, (width: Width): PlotOptions => {
    return {
      height: 220,
      marginLeft: 56,
      marginRight: 12,
      marginTop: 12,
      marginBottom: 40,
      x: { domain: [0, end], label: null },
      y: { domain: [0, top], label: null },
      marks: [
        gridY({ strokeOpacity: 0.12 }),
        axisX({
          ticks: width === 'wide' ? 10 : 5,
          label: `${unit.name} of active time`,
          labelAnchor: 'center',
          labelArrow: 'none',
        }),
        axisY({ ticks: 5, tickSize: 0, tickFormat: number }),
        rect(paused, { x1: 'from', x2: 'to', y1: 0, y2: top, fill: 'var(--held)', fillOpacity: 0.22 }),
        areaY(paces, { x: one => at(one.at), y: 'pace', fill: 'var(--accent)', fillOpacity: 0.14 }),
        lineY(paces, { x: one => at(one.at), y: 'pace', stroke: 'var(--accent)', strokeWidth: 1.6 }),
        ruleY(limits, { x1: 'from', x2: 'to', y: 'limit', stroke: 'currentColor', strokeDasharray: '5 4' }),
        text(lastLimit === undefined ? [] : [lastLimit], {
          x: 'to',
          y: 'limit',
          text: ({ limit }: { limit: number }) => `limit ${number(limit)}`,
          textAnchor: 'end',
          dy: -8,
        }),
        ruleX(resumed, { x: 'at', stroke: 'var(--unknown)', strokeWidth: 1.5, strokeDasharray: '2 3' }),
        text(resumed.length > 3 ? [] : resumed, {
          x: 'at',
          y: 0,
          text: ({ away }: { away: number }) => `resumed after ${duration(away)}`,
          fill: 'var(--unknown)',
          textAnchor: 'start',
          dx: 5,
          dy: -8,
        }),
        dot(limited, {
          x: ({ from, to }: { from: number; to: number }) => at((from + to) / 2),
          y: top,
          symbol: 'triangle',
          rotate: 180,
          r: 4.5,
          fill: 'var(--rejected)',
        }),
        ruleY([0], { stroke: 'currentColor' }),
      ],
    }
  })
}

/** Requests per minute around each slice; a pause is no part of the pace before and after it. */
export function paceOverTime(facts: RunFacts): { at: number; pace: number }[] {
  const { activeMs, timeline, limitPerMinute } = facts
  const slices = columns(timeline.sent, facts)
  const steadyMs = Math.min((requestsMin * 60_000) / (limitPerMinute ?? 500), activeMs / 8)
  const span = Math.max(1, Math.round(steadyMs / timeline.sliceMs))
  const isPaused = slices.map(({ from, to }) => {
    return timeline.pauses.some(pause => pause.from <= (from + to) / 2 && pause.to >= (from + to) / 2)
  })
  return slices.map(({ from, to }, i) => {
    if (isPaused[i] === true) return { at: (from + to) / 2, pace: 0 }
    // Where there is no room on one side, there is more on the other, so that all are means over the same time.
    const first = Math.max(0, lastIndexBefore(i, at => isPaused[at] === true) + 1)
    const end = indexFrom(i, slices.length, at => isPaused[at] === true)
    const begin = Math.max(first, Math.min(i - Math.floor(span / 2), end - span))
    const near = slices.slice(begin, Math.min(end, begin + span))
    const ms = (near.at(-1)?.to ?? to) - (near[0]?.from ?? from)
    const sent = near.reduce((sum, { count }) => sum + count, 0)
    return { at: (from + to) / 2, pace: ms > 0 ? (sent * 60_000) / ms : 0 }
  })
}

function lastIndexBefore(i: number, is: (at: number) => boolean): number {
  let at = i
  while (at >= 0 && !is(at)) at--
  return at
}

function indexFrom(i: number, length: number, is: (at: number) => boolean): number {
  let at = i
  while (at < length && !is(at)) at++
  return at
}
