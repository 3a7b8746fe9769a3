import { type ComparedWith, comparedWith } from '../../model/compared-with.ts'
import { meaningOf, type Outcome, outcomeNames, outcomes } from '../../model/outcome.ts'
import type { RunFacts } from '../../model/run-facts.ts'
import type { Summary } from '../../model/summary.ts'
import { html, type Html, join, sign } from '../markup.ts'
import { count, duration, lookupsText, number, verdictOnRun } from '../summary-text.ts'
import { isListed } from './unsettled.ts'
import { short } from './visible.ts'

/** Files named on the first screen; of more there is the number. */
const filesMax = 8
/** A part of the bar is wide enough for its name from this share on. */
const namedShare = 0.16

/** The first screen: how the run went, as a sentence, in figures and as a bar; where, when, how long, which files. */
export function opening(summary: Summary, facts: RunFacts): Html {
  return html`<header>
<p class="run">track-sync <bdi>${short(summary.run)}</bdi></p>
<h1>${short(headline(summary, facts), 400)}</h1>
</header>
${figures(summary, comparedWith(summary))}
${about(summary, facts)}`
}

/** The widths of the parts of the bar; one CSS rule each, since the policy does not allow style attributes. */
export function barWidths({ objects }: Summary): string {
  return outcomesIn(objects)
    .map(name => `.bar .${name}{flex-grow:${objects[outcomes[name].key]}}`)
    .join('\n')
}

function figures({ objects }: Summary, compared: ComparedWith): Html {
  const shown = outcomesIn(objects)
  const shareOf = (name: Outcome) => objects[outcomes[name].key] / objects.total
  const parts = shown.map(
    name => html`<span class="${name}">${shareOf(name) >= namedShare ? name : ''}</span>`,
  )
  const rows = shown.map(
    name =>
      html`<tr><th scope="row">${sign(name)} ${linked(name)}</th><td class="n">${number(objects[outcomes[name].key])}</td><td class="n share">${percent(shareOf(name))}</td><td>${meaningOf(name, compared)}</td></tr>`,
  )
  if (objects.total === 0) return html`<p class="lead">No rows were read.</p>`
  return html`<div class="bar" aria-hidden="true">${join(parts)}</div>
<table class="outcomes"><caption>Outcomes of the rows</caption>
<thead><tr><th scope="col">Outcome</th><th scope="col" class="n">Rows</th><th scope="col" class="n share">Share</th><th scope="col">Meaning</th></tr></thead>
<tbody>${join(rows)}
<tr class="sum"><th scope="row">total</th><td class="n">${number(objects.total)}</td><td class="share"></td><td></td></tr></tbody></table>`
}

function linked(outcome: Outcome): Html {
  const target = outcome === 'mismatched' ? 'differing' : isListed(outcome) ? outcome : undefined
  return target === undefined ? html`${outcome}` : html`<a href="#${target}">${outcome}</a>`
}

function about(summary: Summary, facts: RunFacts): Html {
  const { target, startedAt, finishedAt, durationMs, mode } = summary
  const parts = facts.resumes === 0 ? '' : html` of active time, in ${number(facts.resumes + 1)} processes`
  return html`<dl class="about">
<div><dt>${mode === 'audit' ? 'Compared with' : 'Sent to'}</dt><dd><bdi>${short(target)}</bdi></dd></div>
<div><dt>When</dt><dd>${span(startedAt, finishedAt)}</dd></div>
<div><dt>Took</dt><dd>${duration(durationMs)}${parts}</dd></div>
${requests(summary, facts)}
<div class="files"><dt>Files</dt><dd>${files(summary, facts)}</dd></div>
</dl>`
}

function requests(summary: Summary, facts: RunFacts): Html {
  const { mode, lookups, requests: made } = summary
  const isShown = mode === 'audit' || lookups.requests > 0
  const label = facts.exported === null ? 'Lookups' : 'Export'
  const looked = isShown ? html`<div><dt>${label}</dt><dd>${lookupsText(summary, facts)}</dd></div>` : html``
  if (mode === 'audit') return looked
  const sent = made.sent === 0 ? 'none' : number(made.sent)
  const pace = made.sent > 1 ? html`, ${number(made.perMinute)} a minute` : ''
  return html`<div><dt>Requests</dt><dd>${sent}${pace}</dd></div>${looked}`
}

function files({ inputs }: Summary, facts: RunFacts): Html {
  const named = inputs.map(({ path, rows }) => html`<bdi>${short(path)}</bdi> (${count(rows, 'row')})`)
  const unread = facts.inputs.map(path => html`<bdi>${short(path)}</bdi>`)
  const all = named.length > 0 ? named : unread
  const more = all.length > filesMax ? html` and ${number(all.length - filesMax)} more` : ''
  return html`${join(all.slice(0, filesMax), ', ')}${more}`
}

function outcomesIn(objects: Summary['objects']): Outcome[] {
  return outcomeNames.filter(name => objects[outcomes[name].key] > 0)
}

/** A share that is neither all nor nothing is not rounded to that. */
export function percent(share: number): string {
  if (share > 0 && share < 0.001) return '< 0.1 %'
  if (share < 1 && share > 0.999) return '> 99.9 %'
  return `${(share * 100).toFixed(1)} %`
}

/** `6 May 2024, 07:08 to 09:10 UTC`; in UTC, so that all who read it read the same. */
function span(from: string, to: string): Html {
  const [begun, ended] = [moment(from), moment(to)]
  const until = begun.day === ended.day ? ended.time : `${ended.day}, ${ended.time}`
  const time = (iso: string, text: string) => html`<time datetime="${iso}">${text}</time>`
  if (begun.day === ended.day && begun.time === ended.time)
    return html`${time(from, `${begun.day}, ${begun.time}`)} UTC`
  return html`${time(from, `${begun.day}, ${begun.time}`)} to ${time(to, until)} UTC`
}

function moment(iso: string): { day: string; time: string } {
  const [date = '', time = ''] = iso.split('T')
  const [year = '', month, day] = date.split('-')
  return { day: `${Number(day)} ${months[Number(month) - 1] ?? ''} ${year}`, time: time.slice(0, 5) }
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'June', 'July', 'Aug', 'Sept', 'Oct', 'Nov', 'Dec']

/** One sentence on how far the run got and how it ended, for readers who know nothing about it. */
export function headline(summary: Summary, facts: RunFacts): string {
  const { objects } = summary
  const { stop, planned, status } = facts
  if (summary.damage !== undefined) return verdictOnRun(summary, facts)
  if (planned === null) return `Stopped while reading the files; nothing was sent.${reasonText(facts)}`
  const progress = `after ${number(objects.total - objects.notSent)} of ${count(objects.total, 'row')}`
  if (stop?.exit === 'interrupted' || stop?.exit === 'terminated') return `Interrupted ${progress}.`
  if (stop !== null) return `Stopped ${progress}: ${stop.message}`
  if (status !== 'finished') return `The process ended before the run was complete, ${progress}.`
  if (objects.total === 0) return 'Finished; there were no rows.'
  return verdictOnRun(summary, facts)
}

function reasonText({ stop }: RunFacts): string {
  const isOfUser = stop?.exit === 'interrupted' || stop?.exit === 'terminated'
  return stop === null || isOfUser ? '' : ` ${stop.message}`
}
