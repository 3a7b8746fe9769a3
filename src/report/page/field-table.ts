import { type ComparedWith, comparedWith } from '../../model/compared-with.ts'
import type { Summary } from '../../model/summary.ts'
import { type Bucket, type ReasonCode, wordsOn } from '../../model/verdict.ts'
import { html, type Html, join } from '../markup.ts'
import { number } from '../summary-text.ts'
import type { Findings } from './findings.ts'
import { short } from './visible.ts'

/** Fields shown; a run whose properties have names of their own may have as many fields as rows. */
const shownMax = 200

/** Per field: how many values match, differ and are not shown, and the most common reason. */
export function fieldSection(summary: Summary, { reasonsOf, differingFields }: Findings): Html {
  const compared = comparedWith(summary)
  const sorted = Object.entries(summary.fields).toSorted(([, a], [, b]) => b.differ - a.differ)
  if (sorted.length === 0) return html``
  const rows = sorted.slice(0, shownMax).map(([field, counts]) => {
    const why = mostCommon(reasonsOf.get(field), compared)
    const differ = differingFields.has(field)
      ? html`<a href="#differing" data-field="${short(field)}">${number(counts.differ)}</a>`
      : html`${number(counts.differ)}`
    return html`<tr><th scope="row"><bdi class="field">${short(field)}</bdi></th><td class="part">${proportions(counts)}</td><td class="n">${number(counts.match)}</td><td class="n">${differ}</td><td class="n">${number(counts.unverifiable)}</td><td>${why}</td></tr>`
  })
  const cut =
    sorted.length > shownMax
      ? html`<p class="cut">The ${number(shownMax)} fields that differ most, of ${number(sorted.length)}; all are in <code>summary.json</code>.</p>`
      : ''
  return html`<section>
<h2>Fields <span>${number(sorted.length)}</span></h2>
<p>${explained[compared]}</p>
${cut}
<table class="fields"><thead><tr><th scope="col">Field</th><td></td><th scope="col" class="n">Match</th><th scope="col" class="n">Differ</th><th scope="col" class="n">Not shown</th><th scope="col">Most common reason</th></tr></thead>
<tbody>
${join(rows, '\n')}
</tbody></table>
</section>`
}

const explained: Record<ComparedWith, Html> = {
  responses: html`A value <b>matches</b> if the profile holds what was requested, and <b>differs</b> if it holds something else or the row was rejected. It is <b>not shown</b> if no response shows it.`,
  both: html`A value <b>matches</b> if the profile holds what was requested, and <b>differs</b> if it holds something else or the row was rejected. It is <b>not shown</b> if neither a response nor a profile shows it.`,
  profiles: html`A value <b>matches</b> if the profile holds what the row requests, and <b>differs</b> if it holds something else. It is <b>not shown</b> if it cannot be compared with the profile.`,
}

/** The most common reason of the values that differ, else of those not shown, else of those that match. */
function mostCommon(
  found: Record<Bucket, Map<ReasonCode, number>> | undefined,
  compared: ComparedWith,
): Html {
  for (const bucket of ['differ', 'unverifiable', 'match'] as const) {
    const [worst] = [...(found?.[bucket] ?? [])].toSorted(([, a], [, b]) => b - a)
    if (worst !== undefined) return html`${wordsOn(worst[0], compared).means}`
  }
  return html``
}

function proportions({ total, match, differ, unverifiable }: Summary['fields'][string]): Html {
  const parts = [
    { name: 'match', count: match },
    { name: 'differ', count: differ },
    { name: 'unseen', count: unverifiable },
  ].filter(({ count }) => count > 0)
  // Every part is wide enough to be seen.
  const widths = parts.map(({ count }) => Math.max(2, (count * 100) / total))
  const all = widths.reduce((sum, width) => sum + width, 0)
  let x = 0
  const drawn = parts.map(({ name }, i) => {
    const width = ((widths[i] ?? 0) * 100) / all
    const part = html`<rect class="${name}" x="${round(x)}" width="${round(width)}" height="8"/>`
    x += width
    return part
  })
  return html`<svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">${join(drawn)}</svg>`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
