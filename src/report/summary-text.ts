import { sayDamage } from '../model/damage.ts'
import { comparedWith, shownIn } from '../model/compared-with.ts'
import { meaningOf, type Outcome, outcomeNames, outcomes } from '../model/outcome.ts'
import type { RunFacts } from '../model/run-facts.ts'
import type { Summary } from '../model/summary.ts'
import { type Bucket, isReasonCode, reasons, wordsOn } from '../model/verdict.ts'
import { type Paint, plain, type Style, table, wrap } from './layout.ts'

/** One sentence that says how the run went. */
export function verdictOnRun(summary: Summary, facts: RunFacts): string {
  const { objects, damage } = summary
  if (damage !== undefined) return damageText(damage)
  if (facts.stop !== null) return `Stopped. ${facts.stop.message}`
  if (summary.status === 'interrupted') return 'Interrupted: the process ended before the run was complete.'
  const attentionOutcomes = outcomeNames.filter(name => outcomes[name].attention)
  const attention = attentionOutcomes.reduce((sum, name) => sum + objects[outcomes[name].key], 0)
  if (attention > 0) {
    const needs = attention === 1 ? 'needs' : 'need'
    return `Finished; ${number(attention)} of ${count(objects.total, 'row')} ${needs} attention.`
  }
  const { match, unverifiable } = buckets(summary)
  const left = summary.mode === 'audit' ? notCompared(summary) : ''
  if (match === 0)
    return summary.mode === 'audit'
      ? `Finished; there was nothing to compare.${left}`
      : `Finished; ${count(objects.total, 'row')} accepted, with no values to compare.`
  const unseen =
    unverifiable === 0
      ? ''
      : ` (${number(unverifiable)} more are not shown in ${shownIn[comparedWith(summary)]})`
  const compared =
    match === 1
      ? 'the one value that could be compared is'
      : `all ${number(match)} values that could be compared are`
  return `Finished; ${compared} stored as requested${unseen}.${left}`
}

/** An audit of a run leaves out what that run did not store. */
function notCompared({ objects: { notSent } }: Summary): string {
  return notSent === 0 ? '' : ` ${count(notSent, 'row')} ${notSent === 1 ? 'was' : 'were'} not compared.`
}

/** How a damaged journal limits the report. */
function damageText({ rows, ...damage }: NonNullable<Summary['damage']>): string {
  const unmentioned = rows === 0 ? '' : ` It does not mention ${count(rows, 'row')}.`
  return `The journal is damaged at ${sayDamage(damage)}. This is what comes before the damage.${unmentioned} Rows that were not settled by then are unknown.`
}

/** The summary for a terminal: every figure with its meaning. */
export function summaryText(summary: Summary, facts: RunFacts, paint: Paint = plain): string {
  const { objects } = summary
  const compared = comparedWith(summary)
  const shown = outcomeNames.filter(name => objects[outcomes[name].key] > 0)
  const rows = shown.map(name => {
    const figure = number(objects[outcomes[name].key])
    return [paint(colourOf(name), name.padEnd(13)), figure.padStart(5), meaningOf(name, compared)]
  })
  const inputs = some(
    summary.inputs.map(input => input.path),
    'file',
  )
  const total = ['total', number(objects.total).padStart(5), `${inputs}${towards(summary)}${summary.target}`]
  return [
    ...wrap(verdictOnRun(summary, facts)).map(line => paint('bold', line)),
    '',
    ...table([...rows, total], 2, [1]).flat(),
    '',
    ...valueLines(summary),
    ...(summary.mode === 'audit' ? [] : requestLines(summary, facts)),
    ...lookupLines(summary, facts),
    ...causeLines(summary),
  ].join('\n')
}

/** What stands between the names of the files and that of the target. */
export function towards({ mode }: Summary): string {
  return mode === 'audit' ? ', compared with ' : ' → '
}

function valueLines(summary: Summary): string[] {
  if (summary.values.total === 0) return []
  const { match, differ, unverifiable } = buckets(summary)
  const figures = `${number(match)} as requested, ${number(differ)} ${differ === 1 ? 'differs' : 'differ'}, ${number(unverifiable)} not shown in ${shownIn[comparedWith(summary)]}`
  return wrap(`  values    ${figures}`, 12)
}

function requestLines({ requests, overtaken, durationMs }: Summary, facts: RunFacts): string[] {
  const pace = requests.sent > 1 ? `, ${requests.perMinute} a minute` : ''
  const resumed = facts.resumes === 0 ? '' : `, resumed ${count(facts.resumes, 'time')}`
  const merged =
    requests.coalesced > 0 ? `, ${count(requests.coalesced, 'row')} sent in the request of another` : ''
  const limited = requests.rateLimited > 0 ? `, ${number(requests.rateLimited)} rate-limited (429)` : ''
  const waited = duration(facts.waitedForLanesMs)
  return [
    ...wrap(
      `  requests  ${number(requests.sent)} in ${duration(durationMs)}${pace}${resumed}${merged}${limited}`,
      12,
    ),
    ...(overtaken === 0
      ? []
      : wrap(
          `  overtaken ${count(overtaken, 'row')} by later rows; sending them again would overwrite newer data`,
          12,
        )),
    ...(facts.waitedForLanesMs < shownFromMs
      ? []
      : wrap(
          `  waited    ${waited}, because the rows read ahead belonged to a few users, whose rows are sent one at a time`,
          12,
        )),
  ]
}

/** What was read of profiles; empty if nothing was. */
function lookupLines(summary: Summary, facts: RunFacts): string[] {
  const { mode, lookups, durationMs } = summary
  if (mode === 'import' && lookups.requests === 0) return []
  const took = mode === 'audit' ? `; took ${duration(durationMs)}` : ''
  const label = facts.exported === null ? 'lookups' : 'export '
  return wrap(`  ${label}   ${lookupsText(summary, facts)}${took}`, 12)
}

/** `600 users looked up in 12 requests`; of an export on disk `1,234 users, 3 records that cannot be used`. */
export function lookupsText({ mode, lookups }: Summary, { exported }: RunFacts): string {
  const { requests, users, failed } = lookups
  if (exported !== null) {
    const { unusable } = exported
    const others = unusable === 0 ? '' : `, ${count(unusable, 'record')} that cannot be used`
    return `${count(exported.users, 'user')}${others}`
  }
  const none = failed === 0 ? '' : `, ${number(failed)} without a result`
  return mode === 'audit'
    ? `${count(users, 'user')} looked up in ${count(requests, 'request')}${none}`
    : `${count(requests, 'request')}${none}, ${count(users, 'user')}`
}

/** Why values differ, the most frequent causes first, and what to do about each. */
function causeLines(summary: Summary): string[] {
  const causes = Object.entries(summary.reasons).flatMap(([code, times]) => {
    return isReasonCode(code) && reasons[code].counts === 'differ' ? [{ code, times }] : []
  })
  const rest = causes.slice(causesMax)
  const more = rest.length === 0 ? [] : [`  and ${count(rest.length, 'more reason')}; all are in values.csv`]
  return [
    ...causes.slice(0, causesMax).flatMap(({ code, times }) => {
      const { means, next } = wordsOn(code, comparedWith(summary))
      return wrap(`  ${code}  ${number(times)}: ${next === '' ? means : `${means} ${next}`}`, 4)
    }),
    ...more,
  ]
}

const causesMax = 5

/** Green is done, red was rejected, yellow needs attention; the rest is dim. */
function colourOf(name: Outcome): Style {
  if (name === 'verified') return 'green'
  if (name === 'rejected' || name === 'invalid') return 'red'
  return outcomes[name].attention ? 'yellow' : 'dim'
}

/** A wait for other rows of the same users is shown from this length on. */
const shownFromMs = 5000

/** How many values match, differ, and are not shown. */
export function buckets({ reasons: times }: Summary): Record<Bucket, number> {
  const sums = { match: 0, differ: 0, unverifiable: 0 }
  for (const [code, found] of Object.entries(times))
    if (isReasonCode(code)) sums[reasons[code].counts] += found
  return sums
}

let grouping: Intl.NumberFormat | undefined

/** `12,430` */
export function number(value: number): string {
  // It takes long to make, and not every command prints a number.
  grouping ??= new Intl.NumberFormat('en-US')
  return grouping.format(value)
}

/** `1 row`, `12 rows` */
export function count(value: number, noun: string): string {
  return `${number(value)} ${noun}${value === 1 ? '' : 's'}`
}

/** `a.csv, b.csv`; of more than five, the first ones: `a.csv, b.csv, c.csv, d.csv and 8 more files` */
export function some(names: string[], noun: string): string {
  const shown = names.length > 5 ? 4 : names.length
  const rest = shown < names.length ? ` and ${count(names.length - shown, `more ${noun}`)}` : ''
  return `${names.slice(0, shown).join(', ')}${rest}`
}

/** `14 s`, `24 min`, `33 h 20 min` */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 1) return 'less than a second'
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 120) return `${minutes} min`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
