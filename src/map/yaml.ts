import {
  type Document,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  visit,
} from 'yaml'
import type { z } from 'zod'
import { isExactNumber } from '../model/exact-number.ts'
import { type ProblemCode, sample, TrackSyncError } from '../model/problem.ts'
import { worstMistake } from './issues.ts'
import { didYouMean } from './nearest.ts'

/**
 * Parses YAML and validates it with a schema. Throws for the first mistake, with its line, what was expected and found,
 * and the word that was probably meant.
 */
export function readYaml<Schema extends z.ZodType>(
  text: string,
  file: string,
  schema: Schema,
  code: ProblemCode,
): z.infer<Schema> {
  return readWithLines(text, file, schema, code).value
}

/** The same with the line of each key. With `asText`, scalars such as `1e3` and `NULL` stay text. */
export function readWithLines<Schema extends z.ZodType>(
  text: string,
  file: string,
  schema: Schema,
  code: ProblemCode,
  asText = false,
): { value: z.infer<Schema>; lineOf: (key: string) => number } {
  const lineCounter = new LineCounter()
  const kinds = asText ? ({ schema: 'failsafe' } as const) : {}
  const document = parseDocument(text, { ...kinds, lineCounter, prettyErrors: false })
  const lineAt = (offset: number) => Math.max(1, lineCounter.linePos(offset).line)
  const defect =
    document.errors.map(({ pos, message }) => ({ at: pos[0], message }))[0] ?? findDefect(document)
  if (defect !== undefined) {
    const line = lineAt(defect.at)
    const message = `${file}, line ${line}: ${defect.message.split('\n')[0]}`
    throw new TrackSyncError(code, message, { file, line, expected: 'YAML' })
  }
  const content: unknown = document.toJS()
  const checked = schema.safeParse(content ?? {})
  if (checked.success) {
    const nodeOf = (key: string) => findNode(document.contents, [key], true).node
    return { value: checked.data, lineOf: key => lineAt(nodeOf(key)?.range?.[0] ?? 0) }
  }

  const { path, unknown, expected, words } = worstMistake(checked.error.issues, schema)
  const { node, isMissing } = findNode(
    document.contents,
    unknown === undefined ? path : [...path, unknown],
    unknown !== undefined,
  )
  const line = lineAt(node?.range?.[0] ?? 0)
  const field = [...path, ...(unknown === undefined ? [] : [unknown])].join('.')
  const value: unknown = isNode(node) && !isMissing ? node.toJS(document) : undefined
  const came = unknown ?? sample(value)
  const what = field === '' ? 'the file' : `\`${field}\``
  const message = `${file}, line ${line}: ${what} ${unknown === undefined ? `should be ${expected}; it is ${came}` : `is unknown; expected one of ${expected}`}.`
  const word = unknown ?? value
  const hint = typeof word === 'string' ? didYouMean(word, words) : ''
  throw new TrackSyncError(code, message + hint, { file, line, field, expected, came })
}

/** Mistakes that a YAML parser tolerates: an undefined alias, and a number that would lose digits. */
function findDefect(document: Document.Parsed): { at: number; message: string } | undefined {
  let found: { at: number; message: string } | undefined
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return
      found = { at: alias.range?.[0] ?? 0, message: `\`*${alias.source}\` refers to nothing.` }
      return visit.BREAK
    },
    Scalar(_, { value, source = '', range }) {
      if (typeof value !== 'number' || !/^[-+.\deE]+$/.test(source) || isExactNumber(source)) return
      const message = `The number ${source} has too many digits to be sent exactly; put it in quotation marks.`
      found = { at: range?.[0] ?? 0, message }
      return visit.BREAK
    },
  })
  return found
}

/** The node at a path, or the last node on the way to it; with `key`, the node of the key instead of its value. */
function findNode(
  contents: ParsedNode | null,
  path: string[],
  key: boolean,
): { node: Node | null; isMissing: boolean } {
  let node: Node | null = contents
  for (const [i, step] of path.entries()) {
    if (!isMap(node)) return { node, isMissing: true }
    const pair = node.items.find(item => isScalar(item.key) && String(item.key.value) === step)
    if (pair === undefined) return { node, isMissing: true }
    if (key && i === path.length - 1) return { node: isNode(pair.key) ? pair.key : node, isMissing: false }
    node = isNode(pair.value) ? pair.value : isNode(pair.key) ? pair.key : node
  }
  return { node, isMissing: false }
}
