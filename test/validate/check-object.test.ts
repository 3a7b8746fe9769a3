import { describe, expect, test } from 'vitest'
import type { Kind } from '../../src/model/kind.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { type Problem, problem } from '../../src/model/problem.ts'
import { check } from '../../src/validate/check-object.ts'
import { trackObject } from '../support/build.ts'

const event = { external_id: 'a', name: 'e', time: '2022-12-06T19:20:45+01:00' }

function problemsOf(kind: Kind, body: JsonObject, raw?: Uint8Array): Problem[] {
  return check(trackObject(kind, body, raw === undefined ? {} : { raw })).problems
}

/** The one problem of this body. */
function only(kind: Kind, body: JsonObject): Problem | undefined {
  const problems = problemsOf(kind, body)
  expect(problems.map(({ code }) => code)).toHaveLength(1)
  return problems[0]
}

describe('what is too large', () => {
  test('is a request above four million bytes, its envelope counted', () => {
    const sized = (size: number) => {
      const body = { external_id: 'a', x: '' }
      body.x = 'x'.repeat(size - JSON.stringify({ attributes: [body] }).length)
      return problemsOf('attributes', body, Buffer.alloc(size))
    }
    expect(sized(4_000_000)).toEqual([])
    expect(sized(4_000_001)).toMatchObject([
      { code: 'object_too_large', expected: 'at most 4000000 bytes', came: '4000001 bytes', row: 3, line: 4 },
    ])
  })

  test('are nested properties above 100 KB', () => {
    const properties = (size: number) => ({
      ...event,
      properties: { a: ['x'.repeat(size - '{"a":[""]}'.length)] },
    })
    expect(problemsOf('events', properties(102_400))).toEqual([])
    expect(only('events', properties(102_401))).toMatchObject({
      code: 'object_too_large',
      field: 'properties',
      came: '102401 bytes',
    })
  })
})

test('everything that is wrong is told at once', () => {
  const body = { external_id: '', currency: 'usd', price: 'x', quantity: 0, colour: 'red' }
  expect(problemsOf('purchases', body).map(({ code, field }) => [code, field])).toEqual([
    ['identifier_invalid', 'external_id'],
    ['field_required', 'product_id'],
    ['field_required', 'time'],
    ['field_type', 'price'],
    ['field_unknown', 'colour'],
    ['field_value', 'currency'],
    ['field_value', 'quantity'],
  ])
})

test('problems found earlier stay, and get their place', () => {
  const problems = [problem('cell_type', 'A cell is wrong.', { field: 'age' })]
  const place = { file: 'in.csv', row: 3, line: 4 }
  const checked = check(trackObject('attributes', { external_id: 'a' }, { problems }))
  expect(checked.problems).toEqual([{ ...problems[0], ...place }])
  expect(check(trackObject(null, {}, { problems })).problems).toEqual([{ ...problems[0], ...place }])
})

test('a message never shows a whole value of any length', () => {
  const found = only('events', { ...event, time: 'x'.repeat(10_000) })
  expect(found?.message.length).toBeLessThan(200)
  expect(found?.came?.length).toBeLessThan(100)
})
