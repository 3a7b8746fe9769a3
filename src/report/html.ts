import type { Account } from '../model/account.ts'
import { type Outcome, outcomeNames, outcomes } from '../model/outcome.ts'
import type { RunFacts } from '../model/run-facts.ts'
import type { Summary } from '../model/summary.ts'
import { rowLabel } from '../model/track-object.ts'
import { isReasonCode, type ReasonCode, reasons } from '../model/verdict.ts'
import { messageOf, reasonOf } from './csv.ts'
import { html, type Html, join } from './markup.ts'
import type { JudgedValue } from './judged.ts'
import { styles } from './styles.ts'
import { count, duration, number, verdictOnRun } from './text.ts'

const shownMax = 1000
/** Columns of figures; they stand to the right, and so do their heads. */
const figures = new Set(['As asked', 'Differ', 'Not shown', 'Values'])

/** The values and rows people have to look at: the first thousand of each, and how many there are. */
export class Differences {
  readonly values: { account: Account; value: JudgedValue }[] = []
  readonly rows: { account: Account; reason: string }[] = []
  valueCount = 0
  rowCount = 0

  add(account: Account, values: JudgedValue[]): void {
    const attention = outcomes[account.outcome].attention || account.outcome === 'not_sent'
    if (attention && account.outcome !== 'mismatched' && this.rowCount++ < shownMax) {
      this.rows.push({ account: { ...account, raw: null }, reason: reasonOf(account, values) })
    }
    if (account.outcome !== 'mismatched') return
    for (const value of values) {
      if (value.counts === 'differ' && this.valueCount++ < shownMax) {
        this.values.push({ account: { ...account, raw: null, body: null, echoed: null }, value })
      }
    }
  }
}

/** The page of a run: whole in itself, nothing to fetch, nothing that runs. */
export function page(summary: Summary, facts: RunFacts, differences: Differences): string {
  const { text } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>track-sync ${summary.run}</title>
<style>${styles}</style>
</head>
<body>
<main>
<h1>${verdictOnRun(summary, facts)}</h1>
${facts.stop?.next === undefined ? '' : html`<p>${facts.stop.next}</p>`}
${about(summary)}
${outcomeFigures(summary)}
${fieldTable(summary)}
${reasonTable(summary)}
${valueTable(differences)}
${rowTable(differences)}
</main>
</body>
</html>
`
  return text
}

function about(summary: Summary): Html {
  const files = summary.inputs.map(({ path, rows }) => html`${path} (${count(rows, 'row')})`)
  return html`<dl class="about">
<div><dt>Run</dt><dd>${summary.run}</dd></div>
<div><dt>Target</dt><dd>${summary.target}</dd></div>
<div><dt>Started</dt><dd>${summary.startedAt}</dd></div>
<div><dt>Took</dt><dd>${duration(summary.durationMs)}</dd></div>
<div><dt>Files</dt><dd>${join(files, ', ')}</dd></div>
<div><dt>Requests</dt><dd>${number(summary.requests.sent)}, ${number(summary.requests.perMinute)} a minute</dd></div>
</dl>`
}

function outcomeFigures({ objects }: Summary): Html {
  const shown = outcomeNames.filter(name => objects[outcomes[name].key] > 0)
  const share = (name: Outcome) => (objects[outcomes[name].key] * 100) / Math.max(1, objects.total)
  const parts = shown.map(
    name =>
      html`<span class="${name}" style="flex-grow:${share(name)}" title="${name}: ${objects[outcomes[name].key]}"></span>`,
  )
  const rows = shown.map(
    name =>
      html`<tr><th scope="row"><i class="${name}"></i>${name}</th><td class="n">${number(objects[outcomes[name].key])}</td><td class="n">${share(name).toFixed(1)} %</td><td>${outcomes[name].means}</td></tr>`,
  )
  return html`<section>
<h2>Rows</h2>
<div class="bar" aria-hidden="true">${join(parts)}</div>
<table><thead><tr><th scope="col">Outcome</th><th scope="col" class="n">Rows</th><th scope="col" class="n">Share</th><th scope="col">Meaning</th></tr></thead>
<tbody>${join(rows)}
<tr class="sum"><th scope="row">total</th><td class="n">${number(objects.total)}</td><td></td><td></td></tr></tbody></table>
</section>`
}

function fieldTable({ fields }: Summary): Html {
  const rows = Object.entries(fields).map(
    ([field, { total, match, differ, unverifiable }]) =>
      html`<tr><th scope="row">${field}</th><td class="n">${number(match)}</td><td class="n">${number(differ)}</td><td class="n">${number(unverifiable)}</td><td class="n">${number(total)}</td></tr>`,
  )
  return section('Fields', ['Field', 'As asked', 'Differ', 'Not shown', 'Values'], rows, rows.length)
}

function reasonTable(summary: Summary): Html {
  const known = Object.entries(summary.reasons).filter((entry): entry is [ReasonCode, number] =>
    isReasonCode(entry[0]),
  )
  const rows = known.map(
    ([code, times]) =>
      html`<tr><th scope="row">${code}</th><td class="n">${number(times)}</td><td>${reasons[code].verdict}</td><td>${reasons[code].means}</td><td>${reasons[code].next}</td></tr>`,
  )
  return section('Reasons', ['Reason', 'Values', 'Verdict', 'Meaning', 'What to do'], rows, rows.length)
}

function valueTable({ values, valueCount }: Differences): Html {
  const rows = values.map(
    ({ account, value }) =>
      html`<tr><td>${place(account)}</td><td>${account.user}</td><th scope="row">${value.field}</th><td>${show(value.requested)}</td><td>${value.returned === undefined ? html`<em>nothing</em>` : show(value.returned)}</td><td>${value.reason}</td></tr>`,
  )
  return section(
    'Values that differ',
    ['Row', 'User', 'Field', 'Requested', 'Returned', 'Reason'],
    rows,
    valueCount,
    'values.csv',
  )
}

function rowTable({ rows, rowCount }: Differences): Html {
  const lines = rows.map(
    ({ account, reason }) =>
      html`<tr><td>${place(account)}</td><td>${account.user}</td><td>${account.outcome}</td><td>${reason}</td><td>${messageOf(account)}</td></tr>`,
  )
  return section(
    'Rows to look at',
    ['Row', 'User', 'Outcome', 'Reason', 'Message'],
    lines,
    rowCount,
    'rows.csv',
  )
}

function section(title: string, heads: string[], rows: Html[], all: number, file = ''): Html {
  if (rows.length === 0) return html``
  const cut =
    all > rows.length
      ? html`<p>The first ${number(rows.length)} of ${number(all)}; all are in ${file}.</p>`
      : ''
  return html`<section>
<h2>${title}</h2>
${cut}
<div class="wide"><table><thead><tr>${join(heads.map(head => html`<th scope="col" class="${figures.has(head) ? 'n' : ''}">${head}</th>`))}</tr></thead>
<tbody>
${join(rows, '\n')}
</tbody></table></div>
</section>`
}

function place(account: Account): string {
  return `${account.file} ${rowLabel(account)}`
}

/** A value as JSON, cut where it would fill the page. */
function show(value: unknown): Html {
  const text = JSON.stringify(value) ?? ''
  return html`<code>${text.length > 300 ? `${text.slice(0, 300)}…` : text}</code>`
}
