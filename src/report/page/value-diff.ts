import { diffArrays } from 'diff'
import { wholeAt } from './visible.ts'

/** The part of a text that is shown, and whether something is missing before and behind it. */
export interface Excerpt {
  text: string
  before: boolean
  behind: boolean
}

/** A piece of it, and whether it differs. */
export interface Part {
  text: string
  differs: boolean
}

/** Words, numbers, escapes and signs: what people compare. */
const words = /\\u[0-9a-f]{4}|\\.|[\p{L}\p{N}\p{M}_]+|[\s\S]/gu
/** Texts with more edits have nothing in common that is worth showing. */
const editsMax = 80

/** Two texts in pieces, those that differ marked. */
export function marked(requested: Excerpt, returned: Excerpt): [Part[], Part[]] {
  const [requestedWords, returnedWords] = [requested, returned].map(({ text }) => text.match(words) ?? [])
  const changes = diffArrays(requestedWords ?? [], returnedWords ?? [], { maxEditLength: editsMax })
  if (changes === undefined) return afterHead(requested, returned)
  const [left, right]: [Part[], Part[]] = [[], []]
  let alike = 0
  let [removedText, addedText] = ['', '']
  function replace(): void {
    const { head, tail, middles } = sharedEnds(Array.from(removedText), Array.from(addedText))
    left.push(same(head), other(middles[0]), same(tail))
    right.push(same(head), other(middles[1]), same(tail))
    alike += head.length + tail.length
    removedText = addedText = ''
  }
  for (const { value, added, removed } of changes) {
    const text = value.join('')
    if (removed) removedText += text
    else if (added) addedText += text
    else {
      replace()
      alike += text.length
      left.push(same(text))
      right.push(same(text))
    }
  }
  replace()
  // If almost nothing is equal, scattered marks would only hide that.
  if (alike * 4 < Math.max(requested.text.length, returned.text.length)) {
    return [[other(requested.text)], [other(returned.text)]]
  }
  if (requested.behind || returned.behind) clearEdges(left, right)
  return [withoutEmpty(left), withoutEmpty(right)]
}

function afterHead(requested: Excerpt, returned: Excerpt): [Part[], Part[]] {
  const head = wholeAt(requested.text, firstDifference(requested.text, returned.text))
  const parts = ({ text }: Excerpt) => [same(text.slice(0, head)), other(text.slice(head))]
  return [parts(requested), parts(returned)]
}

/** The last part of a cut text has nothing to be compared with, so it is not marked. */
function clearEdges(left: Part[], right: Part[]): void {
  const edges = [withoutEmpty(left).at(-1), withoutEmpty(right).at(-1)]
  const isEdge = (part: Part) => edges.includes(part)
  if (![...left, ...right].some(part => part.differs && part.text !== '' && !isEdge(part))) return
  for (const edge of edges) if (edge !== undefined) edge.differs = false
}

function withoutEmpty(parts: Part[]): Part[] {
  return parts.filter(({ text }) => text !== '')
}

/** What two words share at their beginnings and ends, where that is most of the shorter one. */
function sharedEnds(a: string[], b: string[]): { head: string; tail: string; middles: [string, string] } {
  const shorter = Math.min(a.length, b.length)
  let head = 0
  while (head < shorter && a[head] === b[head]) head++
  let tail = 0
  while (tail < shorter - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++
  if ((head + tail) * 2 < shorter) [head, tail] = [0, 0]
  const middle = (characters: string[]) => characters.slice(head, characters.length - tail).join('')
  return {
    head: a.slice(0, head).join(''),
    tail: a.slice(a.length - tail).join(''),
    middles: [middle(a), middle(b)],
  }
}

/** How much two texts share at their beginnings. */
export function firstDifference(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length)
  let at = 0
  while (at < shorter && a.charCodeAt(at) === b.charCodeAt(at)) at++
  return at
}

export function same(text: string): Part {
  return { text, differs: false }
}

export function other(text: string): Part {
  return { text, differs: true }
}
