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
import { isExactNumber } from '../model/number.ts'
import { type ProblemCode, sample, TrackSyncError } from '../model/problem.ts'
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
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const lineAt = (offset: number) => Math.max(1, lines.linePos(offset).line)
  const syntax = document.errors.map(({ pos, message }) => ({ at: pos[0], message }))[0] ?? unfit(document)
  if (syntax !== undefined) {
    const line = lineAt(syntax.at)
    const message = `${file}, line ${line}: ${syntax.message.split('\n')[0]}`
    throw new TrackSyncError(code, message, { file, line, expected: 'YAML' })
  }
  const checked = schema.safeParse(document.toJS() ?? {})
  if (checked.success) return checked.data

  const issue = deepest(checked.error.issues)
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined
  const path = issue.path.map(String)
  const { node, missing } = find(
    document.contents,
    unknown === undefined ? path : [...path, unknown],
    unknown !== undefined,
  )
  const line = lineAt(node?.range?.[0] ?? 0)
  const field = [...path, ...(unknown === undefined ? [] : [unknown])].join('.')
  const value: unknown = isNode(node) && !missing ? node.toJS(document) : undefined
  const came = unknown ?? sample(value)
  const { expected, words } = expectation(issue, schema)
  const what = field === '' ? 'the file' : `\`${field}\``
  const message = `${file}, line ${line}: ${what} ${unknown === undefined ? `should be ${expected}; it is ${came}` : `is not known here; known are ${expected}`}.`
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
      found = { at: alias.range?.[0] ?? 0, message: `\`*${alias.source}\` stands for nothing.` }
      return visit.BREAK
    },
    Scalar(_, { value, source = '', range }) {
      if (typeof value !== 'number' || !/^[-+.\deE]+$/.test(source) || isExactNumber(source)) return
      const message = `The number ${source} has more digits than a number can carry; put it in quotation marks.`
      found = { at: range?.[0] ?? 0, message }
      return visit.BREAK
    },
  })
  return found
}

type Issue = z.core.$ZodIssue

/** Where a value may have several forms, the form that the writer came closest to has the longest path. */
function deepest(issues: Issue[]): Issue {
  const all = issues.flatMap(issue => [issue, ...unionIssues(issue)])
  const depth = (issue: Issue) => issue.path.length + (issue.code === 'unrecognized_keys' ? 1 : 0)
  return all.reduce((best, issue) => (depth(issue) > depth(best) ? issue : best))
}

function unionIssues(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return []
  return issue.errors.flat().flatMap(inner => {
    const placed = { ...inner, path: [...issue.path, ...inner.path] }
    return [placed, ...unionIssues(placed)]
  })
}

function expectation(issue: Issue, schema: z.ZodType): { expected: string; words: string[] } {
  if (issue.code === 'invalid_value') {
    const words = issue.values.map(String)
    return { expected: words.join(', '), words }
  }
  if (issue.code === 'unrecognized_keys') {
    const words = keysAt(schema, issue.path.map(String))
    return { expected: words.map(word => `\`${word}\``).join(', '), words }
  }
  if (issue.code === 'invalid_type')
    return { expected: typeWords[issue.expected] ?? issue.expected, words: [] }
  return { expected: issue.message, words: issue.message.split(/[^\w[\]]+/) }
}

/** Types as people who write YAML call them. */
const typeWords: Record<string, string> = {
  object: 'keys and their values',
  record: 'keys and their values',
  array: 'a list',
  string: 'text',
}

/** The keys a schema knows at a path; records are walked through, of several forms the one with keys counts. */
function keysAt(schema: z.ZodType, path: string[]): string[] {
  const { type, shape, options, innerType, valueType } = schema.def as {
    type: string
    shape?: Record<string, z.ZodType>
    options?: z.ZodType[]
    innerType?: z.ZodType
    valueType?: z.ZodType
  }
  if (innerType !== undefined) return keysAt(innerType, path)
  if (options !== undefined) return options.flatMap(option => keysAt(option, path))
  const [head, ...rest] = path
  if (type === 'record' && valueType !== undefined) return head === undefined ? [] : keysAt(valueType, rest)
  if (shape === undefined) return []
  if (head === undefined) return Object.keys(shape)
  const next = shape[head]
  return next === undefined ? [] : keysAt(next, rest)
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
