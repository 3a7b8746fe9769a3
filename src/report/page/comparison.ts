import { characters } from '../../braze/limits.ts'
import type { Json } from '../../model/json.ts'
import { html, type Html, join } from '../markup.ts'
import { count } from '../summary-text.ts'
import { type Excerpt, firstDifference, marked, other, type Part, same } from './value-diff.ts'
import { visible, wholeAt } from './visible.ts'

/** So much of a value is shown; of a longer one, the part around its first difference. */
const shownMax = 300
/** How much of what is alike stands before the first difference. */
const leadMax = 100

/** What was requested beside what came back, the difference marked. */
export interface Compared {
  requested: Html
  returned: Html
}

/** Shows both as JSON. Between values of two kinds nothing is alike, so all of it is marked. */
export function compare(requested: Json, returned: Json | undefined): Compared {
  const asked = JSON.stringify(requested)
  if (returned === undefined) {
    const alone = excerpt(asked, 0)
    return { requested: shown(alone, [same(alone.text)]), returned: html`<i>not in the response</i>` }
  }
  const came = JSON.stringify(returned)
  // Both are cut at the same place, so that what stands side by side belongs together.
  const start = Math.max(asked.length, came.length) <= shownMax ? 0 : firstDifference(asked, came) - leadMax
  const [left, right] = [excerpt(asked, start), excerpt(came, start)]
  const [askedParts, cameParts] =
    kindOf(requested) === kindOf(returned) ? marked(left, right) : [[other(left.text)], [other(right.text)]]
  const [askedNote, cameNote] = notesOn(requested, returned)
  return {
    requested: html`${shown(left, askedParts)}${askedNote}`,
    returned: html`${shown(right, cameParts)}${cameNote}`,
  }
}

function excerpt(text: string, from: number): Excerpt {
  const start = wholeAt(text, Math.max(0, from))
  const end = wholeAt(text, Math.min(text.length, start + shownMax))
  return { text: text.slice(start, end), before: start > 0, behind: end < text.length }
}

function shown({ before, behind }: Excerpt, parts: Part[]): Html {
  const told = parts.map(({ text, differs }) =>
    differs ? html`<mark>${visible(text)}</mark>` : html`${visible(text)}`,
  )
  return html`<code>${before ? '…' : ''}${join(told)}${behind ? '…' : ''}</code>`
}

/** What the texts alone do not show: how long they are, and where the API cut one. */
function notesOn(requested: Json, returned: Json): [Html | '', Html | ''] {
  if (typeof requested === 'string' && typeof returned === 'string') {
    const [asked, came] = [characters(requested), characters(returned)]
    if (returned !== '' && came < asked && requested.startsWith(returned)) {
      return [note(count(asked, 'character')), note(`cut after ${count(came, 'character')}`)]
    }
    return Math.max(asked, came) > shownMax
      ? [note(count(asked, 'character')), note(count(came, 'character'))]
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
