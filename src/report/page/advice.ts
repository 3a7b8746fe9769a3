import { comparedWith } from '../../model/compared-with.ts'
import { commandLine, nextSteps } from '../../model/next-command.ts'
import { outcomes } from '../../model/outcome.ts'
import type { RunFacts } from '../../model/run-facts.ts'
import type { Summary } from '../../model/summary.ts'
import { isReasonCode, reasons, wordsOn } from '../../model/verdict.ts'
import { html, type Html, join } from '../markup.ts'
import { count } from '../summary-text.ts'
import { recordFiles } from '../to-do.ts'
import { listed, type Listed } from './unsettled.ts'
import { prose } from './visible.ts'

/** The place of a report. */
export interface ReportPlace {
  /** The folder of the run, as given by whoever started it. */
  run: string
  /** The names of the other files of the report. */
  files: readonly string[]
  isRedacted?: boolean
}

/** What to do about the rows of an outcome. */
export function adviceOn(outcome: Listed, facts: RunFacts, place: ReportPlace): Html {
  const { names, it } = named(place.files, outcome === 'unknown' ? 'unknown' : 'rejects')
  if (facts.isAudit) return auditAdvice(outcome, facts, names)
  switch (outcome) {
    case 'unknown':
      return html`Look up these users in Braze. If a row was not applied, import its record from ${names}; if it was, leave it out.`
    case 'rejected':
      return html`Fix the records in ${names}, then import ${it}.`
    case 'invalid':
      return html`Fix the records in ${names}; <code>plan</code> shows whether anything is still wrong. Then import ${it}.`
    case 'held':
      return html`Settle the row that each of them waits for, then import the records from ${names}.`
    case 'not_sent':
      return html`${resumeOf(place, facts)} sends them.`
  }
}

/** Nothing was sent, so there is nothing to send again. */
function auditAdvice(outcome: Listed, facts: RunFacts, names: Html): Html {
  switch (outcome) {
    case 'unknown':
      return html`Audit the records in ${names} again.`
    case 'not_sent':
      return facts.status === 'finished'
        ? html`The report of the run that is audited says what became of them.`
        : html`Start the audit again to compare them.`
    default:
      return html`Fix the records in ${names}, then audit them again.`
  }
}

/** What is left to do, the most urgent first. */
export function steps(summary: Summary, facts: RunFacts, place: ReportPlace): Html {
  const { objects, overtaken } = summary
  const items: Html[] = []
  if (facts.isAudit && (facts.damage !== null || facts.status !== 'finished')) items.push(auditAgain(facts))
  else if (facts.damage !== null) items.push(damagedStep)
  else if (facts.status !== 'finished') items.push(resumeStep(place, facts))
  for (const outcome of listed) {
    const rows = objects[outcomes[outcome].key]
    if (rows === 0 || outcome === 'not_sent') continue
    const are = rows === 1 ? 'is' : 'are'
    items.push(
      html`<a href="#${outcome}">${count(rows, 'row')} ${are} ${outcome}.</a> ${adviceOn(outcome, facts, place)}`,
    )
  }
  if (objects.mismatched > 0) items.push(mismatch(summary))
  if (overtaken > 0) {
    items.push(
      html`${count(overtaken, 'row')} ${overtaken === 1 ? 'was' : 'were'} overtaken: a later row has written the same field since. Leave ${overtaken === 1 ? 'it' : 'them'} out when you import again, or newer data is overwritten.`,
    )
  }
  if (items.length === 0) return html`<p>Nothing to do.</p>`
  return html`<ol class="steps">${join(items.map(item => html`<li>${item}</li>`))}</ol>`
}

function auditAgain({ stop, damage }: RunFacts): Html {
  const why =
    damage === null
      ? ''
      : 'The journal of this audit is damaged, and this page covers only what comes before that. '
  const next = stop?.next === undefined ? '' : html`${prose(stop.next)} `
  return html`${why}${next}Start the audit again: it changes nothing.`
}

/** A resume rebuilds the files of the report, so it comes first. */
function resumeStep(place: ReportPlace, facts: RunFacts): Html {
  const { next, resumeWith } = facts.stop ?? {}
  const resume = resumeOf(place, facts)
  if (resumeWith !== undefined) return html`To continue the run anyway: ${resume}. This page is then rebuilt.`
  return html`${next === undefined ? '' : html`${prose(next)} `}Resume the run: ${resume}. This page is then rebuilt.`
}

/** After the damage in a journal it is not known which requests were sent. */
const damagedStep = html`The journal of this run is damaged, so the run cannot be resumed, and this page covers only what comes before the damage. Restore the journal from a backup if there is one. Otherwise look up the unknown rows before you send any of them again. A new run with <code>--skip-unchanged</code> leaves out what is verified here, but it counts an event or a purchase twice if that was sent after the damage.`

function mismatch(summary: Summary): Html {
  const { objects, reasons: times, mode } = summary
  const worst = Object.entries(times).find(
    ([code]) => isReasonCode(code) && reasons[code].counts === 'differ' && code !== 'request_rejected',
  )?.[0]
  const rows = count(objects.mismatched, 'row')
  const have = objects.mismatched === 1 ? 'has a value that differs' : 'have values that differ'
  const from = mode === 'audit' ? 'the profile' : 'the request'
  const all = html`<a href="#differing">${rows} ${have} from ${from}.</a>`
  if (worst === undefined || !isReasonCode(worst)) return all
  const { means, next } = wordsOn(worst, comparedWith(summary))
  const most = html`Most often, ${count(times[worst] ?? 0, 'time')}: ${means}`
  return html`${all} ${most} ${next}`
}

function resumeOf({ run }: ReportPlace, { stop }: RunFacts): Html {
  const { command } = nextSteps.goOn(run, stop?.resumeWith)
  return html`<code>${commandLine(command) ?? ''}</code>`
}

/** `rejects.csv and rejects.ndjson`, and the pronoun for them. */
function named(files: readonly string[], stem: 'rejects' | 'unknown'): { names: Html; it: string } {
  const names = recordFiles(files, stem).map(name => html`<code>${name}</code>`)
  if (names.length === 0) return { names: html`the input`, it: 'them' }
  return { names: join(names, ' and '), it: names.length === 1 ? 'it' : 'them' }
}
