import { inexactNumber } from './exact-number.ts'
import type { Json } from './json.ts'
import { type Problem, problem, sample } from './problem.ts'

/** A value that is exactly what its text says, or the problem with it. */
export type ExactJson = { value: Json } | { problem: Problem }

/** Our limit, not the API's: far above any real object, and below what breaks JSON serializers. */
export const depthMax = 200

/** Reads JSON that must arrive unchanged; whatever would change on its way is a problem. */
export function readExactJson(text: string): ExactJson {
  try {
    return exactJson(text, JSON.parse(text) as Json)
  } catch (error) {
    const message = `It is not valid JSON: ${(error as Error).message}.`
    return { problem: problem('json_syntax', message, { expected: 'one JSON value', came: sample(text) }) }
  }
}

/** The value of a text, unless a number, a name or a character of the text would not survive. */
export function exactJson(text: string, value: Json): ExactJson {
  const number = inexactNumber(text)
  if (number !== undefined) {
    const message = `The number ${number} has too many digits to be sent exactly.`
    return {
      problem: problem('number_not_exact', message, {
        expected: 'the number in quotation marks',
        came: number,
      }),
    }
  }
  const { names, depth } = shapeOf(value)
  if (depth > depthMax) {
    const message = `The JSON is nested deeper than ${depthMax} levels.`
    return {
      problem: problem('json_shape', message, {
        expected: `at most ${depthMax} levels`,
        came: `${depth} levels`,
      }),
    }
  }
  const name = repeatedName(text, names)
  if (name !== undefined) {
    const message = `The key ${sample(name)} occurs twice in one object; one value would be lost.`
    return {
      problem: problem('json_name_twice', message, {
        field: name,
        expected: 'each key once',
        came: sample(name),
      }),
    }
  }
  const half = halfCharacter(text)
  if (half !== undefined) {
    const message = `${half} is half of a surrogate pair and cannot be sent.`
    return { problem: problem('text_not_exact', message, { expected: 'whole characters', came: half }) }
  }
  return { value }
}

/**
 * A key that an object has twice. Counting keys rules out most texts: each `":` ends a key.
 */
function repeatedName(text: string, names: number): string | undefined {
  let closed = 0
  for (let at = text.indexOf('":'); at >= 0; at = text.indexOf('":', at + 2)) closed++
  return closed === names && !/"\s+:/.test(text) ? undefined : findRepeated(text)
}

/** How many keys a value has in all its objects, and how deeply it is nested. */
function shapeOf(value: Json): { names: number; depth: number } {
  let names = 0
  let depth = 0
  let level = typeof value === 'object' && value !== null ? [value] : []
  for (; level.length > 0; depth++) {
    const next: typeof level = []
    for (const object of level) {
      const values = Object.values(object)
      if (!Array.isArray(object)) names += values.length
      for (const inner of values) if (typeof inner === 'object' && inner !== null) next.push(inner)
    }
    level = next
  }
  return { names, depth }
}

/** Strings, brackets and colons. The text is known to be JSON. */
const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g

function findRepeated(text: string): string | undefined {
  const open: Set<string>[] = []
  let last = ''
  for (const [token] of text.matchAll(tokens)) {
    if (token === '{' || token === '[') open.push(new Set())
    else if (token === '}' || token === ']') open.pop()
    else if (token === ':') {
      const name = JSON.parse(last) as string
      const names = open.at(-1)
      if (names?.has(name) === true) return name
      names?.add(name)
    }
    last = token
  }
  return undefined
}

/** Escapes: a whole surrogate pair, a half of one, any other. */
const escapes =
  /\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|(\\u[dD][89a-fA-F][\da-fA-F]{2})|\\[^]/g

/** The escape of a surrogate without its other half: `\ud83d` alone. Bytes cannot hold one. */
function halfCharacter(text: string): string | undefined {
  if (!/\\u[dD][89a-fA-F]/.test(text)) return undefined
  for (const [, half] of text.matchAll(escapes)) if (half !== undefined) return half
  return undefined
}
