import type { z } from 'zod'

/** A mistake found by a schema: where it is, what was expected, and words that may have been meant. */
export interface Mistake {
  path: string[]
  /** The first key that is not in the schema. */
  unknown?: string
  /** Whether a word was expected and another one found. */
  isWord: boolean
  expected: string
  words: string[]
}

type Issue = z.core.$ZodIssue

/** Picks the issue with the longest path: if a value may have several forms, that is the one the author meant. */
export function worstMistake(issues: readonly Issue[], schema: z.ZodType): Mistake {
  const all = issues.flatMap(issue => [issue, ...unionIssues(issue)])
  const depth = (issue: Issue) => issue.path.length + (issue.code === 'unrecognized_keys' ? 1 : 0)
  const issue = all.reduce((best, other) => (depth(other) > depth(best) ? other : best))
  const path = issue.path.map(String)
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined
  return {
    path,
    ...(unknown === undefined ? {} : { unknown }),
    isWord: issue.code === 'invalid_value',
    ...expectation(issue, schema),
  }
}

function unionIssues(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return []
  return issue.errors.flat().flatMap(inner => {
    const nested = { ...inner, path: [...issue.path, ...inner.path] }
    return [nested, ...unionIssues(nested)]
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
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input'))
    return { expected: typeWords[issue.expected] ?? issue.expected, words: [] }
  return { expected: issue.message, words: issue.message.split(/[^\w[\]]+/) }
}

/** Names of types for people who write YAML. */
const typeWords: Record<string, string> = {
  object: 'keys and their values',
  record: 'keys and their values',
  array: 'a list',
  string: 'text',
}

/** The keys of a schema at a path; looks into records, and into all options of a union. */
function keysAt(schema: z.ZodType, path: string[]): string[] {
  const { type, shape, options, innerType, keyType, valueType, element } = schema.def as {
    type: string
    shape?: Record<string, z.ZodType>
    options?: z.ZodType[]
    innerType?: z.ZodType
    keyType?: z.ZodType
    valueType?: z.ZodType
    element?: z.ZodType
  }
  if (innerType !== undefined) return keysAt(innerType, path)
  if (options !== undefined) return options.flatMap(option => keysAt(option, path))
  const [head, ...rest] = path
  if (type === 'record' && valueType !== undefined)
    return head === undefined ? wordsOf(keyType) : keysAt(valueType, rest)
  if (type === 'array' && element !== undefined) return head === undefined ? [] : keysAt(element, rest)
  if (shape === undefined) return []
  if (head === undefined) return Object.keys(shape)
  const next = shape[head]
  return next === undefined ? [] : keysAt(next, rest)
}

/** The words that a schema allows, if it is an enum. */
function wordsOf(schema: z.ZodType | undefined): string[] {
  const { entries } = (schema?.def ?? {}) as { entries?: Record<string, string> }
  return Object.values(entries ?? {})
}
