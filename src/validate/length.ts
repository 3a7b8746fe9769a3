import { characters } from '../model/limits.ts'
import { type Problem, problem } from '../model/problem.ts'

/** Whether a text that names something is within its limit. */
export function checkLength(value: unknown, field: string, max: number): Problem[] {
  if (typeof value !== 'string' || value.length <= max || characters(value) <= max) return []
  const came = `${characters(value)} characters`
  const message = `\`${field}\` has ${came}; the API takes ${max}.`
  return [problem('field_value', message, { field, expected: `at most ${max} characters`, came })]
}
