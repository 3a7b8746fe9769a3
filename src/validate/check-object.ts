import { characters, limits } from '../braze/limits.ts'
import { type Problem, problem, sample } from '../model/problem.ts'
import type { TrackObject } from '../model/track-object.ts'
import { checkFields } from './check-fields.ts'
import { checkIdentifiers } from './check-identifiers.ts'
import { checkLength, checkProperties } from './check-properties.ts'
import { checkPurchase } from './check-purchase.ts'

/**
 * The same object with everything that is wrong with it. One that has problems is `invalid`: it is never sent, and
 * it goes on to the journal like every other. Rules come from the tables in `model`, which name their sources.
 */
export function check(object: TrackObject): TrackObject {
  const broken = object.kind === null ? [] : rules(object, object.kind)
  if (broken.length === 0 && object.problems.length === 0) return object
  const { file, row, line } = object
  const problems = [...object.problems, ...broken].map(one => ({ ...one, file, row, line }))
  return { ...object, problems }
}

function rules({ body, raw }: TrackObject, of: NonNullable<TrackObject['kind']>): Problem[] {
  const problems = checkIdentifiers(body, of)
  problems.push(...checkFields(body, of))
  if (of === 'attributes') for (const key of Object.keys(body)) problems.push(...checkAttributeKey(key))
  else problems.push(...checkProperties(body['properties'], of))
  if (of === 'events') problems.push(...checkLength(body['name'], 'name', limits.eventNameCharacters.max))
  if (of === 'purchases') problems.push(...checkPurchase(body))
  // Only a record that is large can make a large request, and measuring costs as much as sending.
  const large = raw.length * 8 > limits.requestBytes.max
  const bytes = large ? Buffer.byteLength(JSON.stringify({ [of]: [body] })) : 0
  if (bytes > limits.requestBytes.max) {
    const message = `The request would have ${bytes} bytes; the API accepts at most ${limits.requestBytes.max}.`
    problems.push(
      problem('object_too_large', message, {
        expected: `at most ${limits.requestBytes.max} bytes`,
        came: `${bytes} bytes`,
      }),
    )
  }
  return problems
}

const none: readonly Problem[] = []

function checkAttributeKey(key: string): readonly Problem[] {
  if (key === '') {
    const expected = 'a name'
    return [problem('key_invalid', 'An attribute has no name.', { field: key, expected, came: '""' })]
  }
  const length = key.length > limits.attributeKeyCharacters.max ? characters(key) : 0
  if (length <= limits.attributeKeyCharacters.max) return none
  const expected = `at most ${limits.attributeKeyCharacters.max} characters`
  const message = `The attribute name ${sample(key)} has ${length} characters; the API accepts at most ${limits.attributeKeyCharacters.max}.`
  return [problem('key_invalid', message, { field: key, expected, came: `${length} characters` })]
}
