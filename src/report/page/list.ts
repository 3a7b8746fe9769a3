import { html, type Html, join } from '../markup.ts'
import { number } from '../summary-text.ts'

/** Rows shown of a list, whatever their number. */
const shownMax = 1000

/** How many rows are printed; the style sheet has the same number. */
const paperMax = 50

/** A list of the page: the first thousand rows, or fewer where those would take more room than it may. */
export class List {
  /** How many rows there are, those that are not shown included. */
  all = 0
  readonly #rows: Html[] = []
  readonly #bytesMax: number
  #bytes = 0
  #isFull = false

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** A row is rendered only if it is shown: a run may have millions. */
  add(row: () => Html): void {
    this.all++
    if (this.#isFull || this.#rows.length === shownMax) return
    const made = row()
    this.#bytes += Buffer.byteLength(made.text)
    this.#isFull = this.#bytes > this.#bytesMax
    if (!this.#isFull) this.#rows.push(made)
  }

  /** The table; a script turns the empty tools above it into a search. */
  table(name: string, heads: readonly string[], file: string): Html {
    const cut =
      this.all > this.#rows.length
        ? html`<p class="cut">The first ${number(this.#rows.length)} of ${number(this.all)}; all are in <code>${file}</code>.</p>`
        : ''
    return html`${cut}
<div class="tools" data-for="${name}" hidden></div>
<table class="list ${name}" id="table-${name}"><thead><tr>${join(heads.map(head => html`<th scope="col">${head}</th>`))}</tr></thead>
<tbody>
${join(this.#rows, '\n')}
</tbody></table>${this.#rows.length > paperMax ? html`<p class="paper">Only the first ${paperMax} rows are printed.</p>` : ''}`
  }
}
