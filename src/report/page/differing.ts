import type { Account } from '../../model/account.ts'
import type { JudgedValue } from '../judged.ts'
import { html, type Html } from '../markup.ts'
import { count } from '../summary-text.ts'
import { compare } from './comparison.ts'
import type { List } from './list.ts'
import { rowText, short } from './visible.ts'

/** Every value that differs: requested beside returned. */
export function differingSection(list: List): Html {
  if (list.all === 0) return html``
  return html`<section id="differing" tabindex="-1">
<h2>Values that differ <span>${count(list.all, 'value')}</span></h2>
<p>Every value of a mismatched row that differs from what was requested, in input order. Differences are <mark>marked</mark>; invisible characters are written as <code>\\u00a0</code>.</p>
${list.table('differing', ['Row and user', 'Field and reason', 'Requested', 'Returned'], 'values.csv')}
</section>`
}

export function differingRow(
  account: Account,
  { field, reason, requested, returned }: JudgedValue,
  files: readonly string[],
): Html {
  const compared = compare(requested, returned)
  return html`<tr><th scope="row">${rowText(account, files)}</th><td><bdi class="field">${short(field)}</bdi><br><code class="why">${reason}</code></td><td>${compared.requested}</td><td>${compared.returned}</td></tr>`
}
