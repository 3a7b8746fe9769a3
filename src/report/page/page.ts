import { createHash } from 'node:crypto'
import { outcomes } from '../../model/outcome.ts'
import type { RunFacts } from '../../model/run-facts.ts'
import type { Summary } from '../../model/summary.ts'
import { html, type Html, join } from '../markup.ts'
import { adviceOn, type ReportPlace, steps } from './advice.ts'
import { differingSection } from './differing.ts'
import { fieldSection } from './field-table.ts'
import type { Findings } from './findings.ts'
import { barWidths, opening } from './opening.ts'
import { reasonSection } from './reasons.ts'
import { runningSection } from './running.ts'
import { script } from './script.ts'
import { styles } from './styles.ts'
import { listed, unsettledSection } from './unsettled.ts'
import { short } from './visible.ts'

/**
 * The page of a run, for someone who was not there. It is whole in itself and fetches nothing; its one script searches
 * its lists, and without that all of it can still be read.
 */
export async function page(
  summary: Summary,
  facts: RunFacts,
  findings: Findings,
  place: ReportPlace,
): Promise<string> {
  const style = `${styles}\n${barWidths(summary)}`
  const { text } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy(style)}">
<meta name="color-scheme" content="light dark">
<title>${title(summary)}</title>
<style>${{ text: style }}</style>
</head>
<body>
<main>
${opening(summary, facts)}${place.isRedacted ? redacted : ''}
<section>
<h2>What to do</h2>
${steps(summary, facts, place)}
</section>
${fieldSection(summary, findings)}
${reasonSection(summary, findings)}
${differingSection(findings.differing)}
${unsettledSections(summary, facts, findings, place)}
${await runningSection(summary, facts, findings.overTime)}
<footer>
<p>Made by track-sync ${summary.version} from <code>journal.ndjson</code>, and made again from it by the command <code>report</code>. Beside it lie ${join(
    place.files.map(name => html`<code>${name}</code>`),
    ', ',
  )}.</p>
</footer>
</main>
<script>${{ text: script }}</script>
</body>
</html>
`
  return text
}

const redacted = html`
<p>This copy is redacted: instead of each value, identifier and original record it has a hash. What is equal has the same hash, in this run and in no other. The records themselves are in the folder of the run.</p>`

function unsettledSections(summary: Summary, facts: RunFacts, findings: Findings, place: ReportPlace): Html {
  const sections = listed.map(outcome => {
    const total = summary.objects[outcomes[outcome].key]
    const advice = adviceOn(outcome, facts, place)
    return unsettledSection(outcome, total, findings.rows[outcome], advice, facts.damage !== null)
  })
  return join(sections, '\n')
}

function title({ inputs, target }: Summary): Html {
  const [first] = inputs
  const what = first === undefined ? 'a run' : short(first.path)
  return html`${what}${inputs.length > 1 ? ' and more' : ''} → ${short(target)} · track-sync`
}

/** Nothing is fetched and nothing is sent; the one style and the one script are those whose hash is told here. */
function policy(style: string): string {
  return [
    "default-src 'none'",
    `style-src '${hashOf(style)}'`,
    `script-src '${hashOf(script)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}
