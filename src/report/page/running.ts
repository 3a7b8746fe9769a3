import { outcomeNames } from '../../model/outcome.ts'
import type { RunFacts } from '../../model/run-facts.ts'
import type { Summary } from '../../model/summary.ts'
import { html, type Html, join } from '../markup.ts'
import { count, duration, number } from '../summary-text.ts'
import type { OutcomesOverTime } from './outcomes-over-time.ts'
import { columns, unitOf } from './time-axis.ts'

/** With fewer requests, or less time, there is no chart. */
const requestsMin = 20
const msMin = 2000

/** How the run went: its throughput, the response times, and the outcomes over time. */
export async function runningSection(
  summary: Summary,
  facts: RunFacts,
  over: OutcomesOverTime,
): Promise<Html> {
  const { requests } = summary
  if (requests.sent === 0) return html``
  const isDrawn = requests.sent >= requestsMin && facts.activeMs >= msMin
  return html`<section>
<h2>How the run went</h2>
${isDrawn ? await figures(summary, facts, over) : html`<p>${throughputText(summary, facts)} ${latencyText(summary)}</p>`}
</section>`
}

async function figures(summary: Summary, facts: RunFacts, over: OutcomesOverTime): Promise<Html> {
  // The charts take a moment to load, and most commands draw none.
  const [{ paceChart }, { latencyChart }, { outcomeChart }] = await Promise.all([
    import('./pace-chart.ts'),
    import('./latency-chart.ts'),
    import('./outcome-chart.ts'),
  ])
  const [pace, latency] = [throughputText(summary, facts), latencyText(summary)]
  const outcomes = outcomesText(over)
  return html`<figure>
<figcaption><h3>Requests per minute</h3><p>${pace}${legend(facts)}</p></figcaption>
${paceChart(facts, `Requests per minute over the run. ${pace}`)}
</figure>
<figure>
<figcaption><h3>Response times</h3><p>${latency}</p></figcaption>
${latencyChart(facts, summary.requests, `Distribution of response times. ${latency}`)}
</figure>
<figure>
<figcaption><h3>Outcomes over time</h3><p>Each outcome has its own scale, so that rare ones stay visible. Rows that were never sent are not included.</p></figcaption>
${outcomeChart(over, facts, `Outcomes over the run. ${outcomes}`)}
</figure>
<details><summary>Show as a table</summary>
${overTimeTable(facts, over)}
</details>`
}

function throughputText({ requests, durationMs }: Summary, { timeline, resumes }: RunFacts): string {
  const { sent, perMinute, limitPerMinute, rateLimited, retried } = requests
  const { times, ms } = timeline.paused
  const figureParts = [`${count(sent, 'request')} in ${duration(durationMs)}`]
  if (sent > 1) figureParts.push(`${number(perMinute)} a minute on average`)
  figureParts.push(limitPerMinute === null ? 'no limit' : `the limit is ${number(limitPerMinute)}`)
  const more = [
    rateLimited > 0 ? `${count(rateLimited, 'request')} rate-limited (429).` : '',
    retried > 0 ? `${count(retried, 'request')} retried.` : '',
    times > 0 ? `${count(times, 'pause')}, ${duration(ms)} in total.` : '',
    resumes > 0 ? `Resumed ${count(resumes, 'time')}; the time in between is not counted.` : '',
  ]
  return [`${figureParts.join(', ')}.`, ...more.filter(text => text !== '')].join(' ')
}

function latencyText({ requests }: Summary): string {
  const { p50, p95, p99, max } = requests.latencyMs
  if (requests.answered === 0) return 'There was no response.'
  return `Half of the responses arrived within ${number(p50)} ms, 95\u00a0% within ${number(p95)} ms, 99\u00a0% within ${number(p99)} ms; the slowest took ${number(max)} ms.`
}

function outcomesText(over: OutcomesOverTime): string {
  const present = outcomeNames.filter(outcome => over.total(outcome) > 0)
  return `${present.map(outcome => `${number(over.total(outcome))} ${outcome}`).join(', ')}.`
}

/** The legend of the chart, if it has any signs. */
function legend({ timeline, limitPerMinute }: RunFacts): Html {
  const parts = [
    limitPerMinute === null ? '' : 'dashed: the limit',
    timeline.limited.some(times => times > 0) ? '▼ 429' : '',
    timeline.pauses.length > 0 ? 'shaded: no request sent' : '',
    timeline.legs.length > 1 ? 'dotted: resumed' : '',
  ].filter(text => text !== '')
  return parts.length === 0 ? html`` : html` <small>(${parts.join(' · ')})</small>`
}

function overTimeTable(facts: RunFacts, over: OutcomesOverTime): Html {
  const { timeline, activeMs } = facts
  const most = 12
  const unit = unitOf(activeMs)
  const sent = columns(timeline.sent, facts, most)
  const limited = columns(timeline.limited, facts, most)
  const present = outcomeNames.filter(outcome => over.total(outcome) > 0)
  const ended = present.map(outcome => columns(over.counts(outcome), facts, most))
  const rows = sent.map(({ from, to, count: times }, i) => {
    const cells = [times, limited[i]?.count ?? 0, ...ended.map(column => column[i]?.count ?? 0)]
    const span = `${tenth(from / unit.ms)} to ${tenth(to / unit.ms)}`
    return html`<tr><th scope="row">${span}</th>${join(cells.map(cell => html`<td class="n">${number(cell)}</td>`))}</tr>`
  })
  const heads = ['Requests', '429', ...present]
  return html`<div class="wide" tabindex="0" role="region" aria-label="The run over time"><table><thead><tr><th scope="col">${unit.name} of active time</th>${join(heads.map(head => html`<th scope="col" class="n">${head}</th>`))}</tr></thead>
<tbody>${join(rows)}</tbody></table></div>`
}

function tenth(value: number): string {
  return (Math.round(value * 10) / 10).toFixed(1)
}
