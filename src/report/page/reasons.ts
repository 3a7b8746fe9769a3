import { comparedWith } from '../../model/compared-with.ts'
import type { Summary } from '../../model/summary.ts'
import { type Bucket, isReasonCode, type ReasonCode, reasons, wordsOn } from '../../model/verdict.ts'
import { html, type Html, join } from '../markup.ts'
import { number } from '../summary-text.ts'
import type { Findings } from './findings.ts'

const groups: Record<Bucket, string> = {
  differ: 'Values that differ',
  unverifiable: 'Values that are not shown',
  match: 'Values that match',
}

/** Every reason that occurs, in plain words, with what to do about it. */
export function reasonSection(summary: Summary, { differingReasons }: Findings): Html {
  const { reasons: times } = summary
  const known = Object.entries(times).filter((entry): entry is [ReasonCode, number] => isReasonCode(entry[0]))
  if (known.length === 0) return html``
  const bodies = (['differ', 'unverifiable', 'match'] as const).map(bucket => {
    const rows = known.filter(([code]) => reasons[code].counts === bucket)
    if (rows.length === 0) return html``
    const lines = rows.map(([code, found]) => {
      const { means, next } = wordsOn(code, comparedWith(summary))
      const name = differingReasons.has(code)
        ? html`<a href="#differing" data-reason="${code}"><code>${code}</code></a>`
        : html`<code>${code}</code>`
      return html`<tr><td class="n">${number(found)}</td><td>${means}</td><td>${next}</td><td>${name}</td></tr>`
    })
    return html`<tbody><tr class="group ${bucket}"><th scope="rowgroup" colspan="4">${groups[bucket]}</th></tr>
${join(lines, '\n')}</tbody>`
  })
  return html`<section>
<h2>Reasons</h2>
<table class="reasons"><thead><tr><th scope="col" class="n">Values</th><th scope="col">Why</th><th scope="col">What to do</th><th scope="col">Code in <code>values.csv</code></th></tr></thead>
${join(bodies)}</table>
</section>`
}
