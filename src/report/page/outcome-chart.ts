import { axisX, type PlotOptions, rect, ruleY, text } from '@observablehq/plot'
import { type Outcome, outcomeNames } from '../../model/outcome.ts'
import type { RunFacts } from '../../model/run-facts.ts'
import type { Html } from '../markup.ts'
import { number } from '../summary-text.ts'
import type { OutcomesOverTime } from './outcomes-over-time.ts'
import { draw } from './svg.ts'
import { columns, unitOf } from './time-axis.ts'

/**
 * The outcomes of the requests over time: a row for each outcome, each with its own scale, so that one rejected row among
 * a hundred thousand is visible.
 */
export function outcomeChart(over: OutcomesOverTime, facts: RunFacts, label: string): Html {
  const unit = unitOf(facts.activeMs)
  const present = outcomeNames.filter(outcome => over.total(outcome) > 0)

  return draw(label, (width): PlotOptions => {
    const bars = present.flatMap(outcome => laneOf(outcome, over, facts, width === 'wide' ? 160 : 80))
    return {
      height: 46 + present.length * 44,
      marginLeft: 96,
      marginRight: 12,
      marginTop: 6,
      marginBottom: 40,
      x: { domain: [0, facts.activeMs / unit.ms], label: null },
      y: { domain: [0, 1], axis: null },
      fy: { domain: present, axis: null, padding: 0.16 },
      marks: [
        axisX({
          ticks: width === 'wide' ? 10 : 5,
          label: `${unit.name} of active time`,
          labelAnchor: 'center',
          labelArrow: 'none',
        }),
        rect(bars, {
          fy: 'outcome',
          x1: ({ from }: Bar) => from / unit.ms,
          x2: ({ to }: Bar) => to / unit.ms,
          y1: 0,
          y2: 'height',
          fill: ({ outcome }: Bar) => `var(--${outcome})`,
          shapeRendering: 'crispEdges',
        }),
        ruleY(present, { fy: outcome => outcome, y: 0, stroke: 'currentColor', strokeOpacity: 0.5 }),
        text(present, {
          fy: outcome => outcome,
          frameAnchor: 'left',
          textAnchor: 'end',
          dx: -8,
          text: outcome => `${outcome}\n${number(over.total(outcome as Outcome))}`,
          fill: outcome => `var(--${outcome})`,
        }),
      ],
    }
  })
}

interface Bar {
  outcome: Outcome
  from: number
  to: number
  height: number
}

/** The bars of one outcome; every bar is high enough to be seen. */
function laneOf(outcome: Outcome, over: OutcomesOverTime, facts: RunFacts, most: number): Bar[] {
  const parts = columns(over.counts(outcome), facts, most)
  const highest = Math.max(...parts.map(({ count }) => count))
  return parts
    .filter(({ count }) => count > 0)
    .map(({ from, to, count }) => ({ outcome, from, to, height: Math.max(0.06, count / highest) }))
}
