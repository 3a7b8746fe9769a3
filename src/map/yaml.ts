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
 * Reads a YAML text against a schema. The first mistake ends it, with the file, the line, what was expected, what
 * came, and the word that was probably meant.
 */
export function readYaml<Schema extends z.ZodType>(
  text: string,
  file: string,
  schema: Schema,
  code: ProblemCode,
): z.infer<Schema> {
  return readWithLines(text, file, schema, code).value
}

/** The same, with the line of each key. With `asText`, what stands there is text as it is written, be it `1e3` or `NULL`. */
export function readWithLines<Schema extends z.ZodType>(
  text: string,
  file: string,
  schema: Schema,
  code: ProblemCode,
  asText = false,
): { value: z.infer<Schema>; lineOf: (key: string) => number } {
  const lines = new LineCounter()
  const kinds = asText ? ({ schema: 'failsafe' } as const) : {}
  const document = parseDocument(text, { ...kinds, lineCounter: lines, prettyErrors: false })
  const lineAt = (offset: number) => Math.max(1, lines.linePos(offset).line)
  const syntax = document.errors.map(({ pos, message }) => ({ at: pos[0], message }))[0] ?? unfit(document)
  if (syntax !== undefined) {
    const line = lineAt(syntax.at)
    const message = `${file}, line ${line}: ${syntax.message.split('\n')[0]}`
    throw new TrackSyncError(code, message, { file, line, expected: 'YAML' })
  }
  const whole: unknown = document.toJS()
  const checked = schema.safeParse(whole ?? {})
  if (checked.success) {
    const nodeOf = (key: string) => find(document.contents, [key], true).node
    return { value: checked.data, lineOf: key => lineAt(nodeOf(key)?.range?.[0] ?? 0) }
  }

  const { path, unknown, expected, words } = worstMistake(checked.error.issues, schema)
  const { node, missing } = find(
    document.contents,
    unknown === undefined ? path : [...path, unknown],
    unknown !== undefined,
  )
  const line = lineAt(node?.range?.[0] ?? 0)
  const field = [...path, ...(unknown === undefined ? [] : [unknown])].join('.')
  const value: unknown = isNode(node) && !missing ? node.toJS(document) : undefined
  const came = unknown ?? sample(value)
  const what = field === '' ? 'the file' : `\`${field}\``
  const message = `${file}, line ${line}: ${what} ${unknown === undefined ? `should be ${expected}; it is ${came}` : `is unknown; expected one of ${expected}`}.`
  const word = unknown ?? value
  const hint = typeof word === 'string' ? didYouMean(word, words) : ''
  throw new TrackSyncError(code, message + hint, { file, line, field, expected, came })
}

/** What YAML lets pass and a reader of it must not: a name that stands for nothing, a number that loses digits. */
function unfit(document: Document.Parsed): { at: number; message: string } | undefined {
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

/** The node at a path, or the last one on the way; with `key`, the key's own node rather than its value's. */
function find(
  contents: ParsedNode | null,
  path: string[],
  key: boolean,
): { node: Node | null; missing: boolean } {
  let node: Node | null = contents
  for (const [i, step] of path.entries()) {
    if (!isMap(node)) return { node, missing: true }
    const pair = node.items.find(item => isScalar(item.key) && String(item.key.value) === step)
    if (pair === undefined) return { node, missing: true }
    if (key && i === path.length - 1) return { node: isNode(pair.key) ? pair.key : node, missing: false }
    node = isNode(pair.value) ? pair.value : isNode(pair.key) ? pair.key : node
  }
  return { node, missing: false }
}
