import { characters } from '../../braze/limits.ts'
import type { Json } from '../../model/json.ts'
import { html, type Html, join } from '../markup.ts'
import { count } from '../summary-text.ts'
import { type Excerpt, firstDifference, marked, other, type Part, same } from './value-diff.ts'
import { visible, wholeAt } from './visible.ts'

/** How much of a value is shown; of a longer one, the part around its first difference. */
const shownMax = 300
/** How much equal text is shown before the first difference. */
const leadMax = 100

/** What was requested beside what came back, the difference marked. */
export interface Compared {
  requested: Html
  returned: Html
}

/** Shows both as JSON. Values of different types are marked as a whole. */
export function compare(requested: Json, returned: Json | undefined): Compared {
  const requestedText = JSON.stringify(requested)
  if (returned === undefined) {
    const alone = excerpt(requestedText, 0)
    return { requested: shown(alone, [same(alone.text)]), returned: html`<i>not shown</i>` }
  }
  const returnedText = JSON.stringify(returned)
  // Both are cut at the same place, so that they can be compared side by side.
  const start =
    Math.max(requestedText.length, returnedText.length) <= shownMax
      ? 0
      : firstDifference(requestedText, returnedText) - leadMax
  const [requestedExcerpt, returnedExcerpt] = [excerpt(requestedText, start), excerpt(returnedText, start)]
  const [requestedParts, returnedParts] =
    kindOf(requested) === kindOf(returned)
      ? marked(requestedExcerpt, returnedExcerpt)
      : [[other(requestedExcerpt.text)], [other(returnedExcerpt.text)]]
  const [requestedNote, returnedNote] = notesOn(requested, returned)
  return {
    requested: html`${shown(requestedExcerpt, requestedParts)}${requestedNote}`,
    returned: html`${shown(returnedExcerpt, returnedParts)}${returnedNote}`,
  }
}

function excerpt(text: string, from: number): Excerpt {
  const start = wholeAt(text, Math.max(0, from))
  const end = wholeAt(text, Math.min(text.length, start + shownMax))
  return { text: text.slice(start, end), before: start > 0, behind: end < text.length }
}

function shown({ before, behind }: Excerpt, parts: Part[]): Html {
  const markedParts = parts.map(({ text, differs }) =>
    differs ? html`<mark>${visible(text)}</mark>` : html`${visible(text)}`,
  )
  return html`<code>${before ? '…' : ''}${join(markedParts)}${behind ? '…' : ''}</code>`
}

/** What the text alone does not show: its length, and where the API truncated it. */
function notesOn(requested: Json, returned: Json): [Html | '', Html | ''] {
  if (typeof requested === 'string' && typeof returned === 'string') {
    const [requestedLength, returnedLength] = [characters(requested), characters(returned)]
    if (returned !== '' && returnedLength < requestedLength && requested.startsWith(returned)) {
      return [
        note(count(requestedLength, 'character')),
        note(`cut after ${count(returnedLength, 'character')}`),
      ]
    }
    return Math.max(requestedLength, returnedLength) > shownMax
      ? [note(count(requestedLength, 'character')), note(count(returnedLength, 'character'))]
      : ['', '']
  }
  if (Array.isArray(requested) && Array.isArray(returned) && requested.length !== returned.length) {
    return [note(count(requested.length, 'element')), note(count(returned.length, 'element'))]
  }
  return ['', '']
}

function note(text: string): Html {
  return html` <small>${text}</small>`
}

function kindOf(value: Json): string {
  return value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value
}
