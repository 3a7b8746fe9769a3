import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chunkSizes, readAll, type Seen } from '../support/parse-read.ts'

describe('JSON files', () => {
  test.each(chunkSizes)(
    'an array gives one row an element, with line and bytes (pieces of %i)',
    async size => {
      const text = '\ufeff\n [\n  {"a": 1},\n  {\n    "b": "ñ"\n  }, {"c":[{"d":{}}]}\r\n]\n'
      const { rows, error } = await readAll('json', text, size)
      expect(error).toBeUndefined()
      expect(rows).toEqual([
        { row: 1, line: 3, raw: '{"a": 1}', value: { a: 1 } },
        { row: 2, line: 4, raw: '{\n    "b": "ñ"\n  }', value: { b: 'ñ' } },
        { row: 3, line: 6, raw: '{"c":[{"d":{}}]}', value: { c: [{ d: {} }] } },
      ])
    },
  )

  test.each(chunkSizes)('documents one after the other give one row each (pieces of %i)', async size => {
    const { rows } = await readAll('json', '{"a":1}\n{"a":\n2}{"a":3}\n\n{"a":4}', size)
    expect(rows.map(({ row, line, value }) => [row, line, value])).toEqual([
      [1, 1, { a: 1 }],
      [2, 2, { a: 2 }],
      [3, 3, { a: 3 }],
      [4, 5, { a: 4 }],
    ])
  })

  test.each(chunkSizes)(
    'brackets and quotation marks inside strings end nothing (pieces of %i)',
    async size => {
      const values = [{ a: ']},{["' }, { 'b"}': '\\' }, { c: '\\"' }]
      const { rows } = await readAll('json', JSON.stringify(values), size)
      expect(rows.map(({ value }) => value)).toEqual(values)
      expect(rows.map(({ raw }) => raw)).toEqual(values.map(value => JSON.stringify(value)))
    },
  )

  test('elements that are no objects are rows too, each with its own bytes', async () => {
    const { rows } = await readAll('json', '[1,\n"x,]", null,\n[2,3], {"a":1}, true]')
    expect(rows.map(({ line, raw, value }) => [line, raw, value])).toEqual([
      [1, '1', 1],
      [2, '"x,]"', 'x,]'],
      [2, 'null', null],
      [3, '[2,3]', [2, 3]],
      [3, '{"a":1}', { a: 1 }],
      [3, 'true', true],
    ])
  })

  test('a number that would be rounded, and bytes that are not UTF-8, cost one row', async () => {
    const file = Buffer.concat([
      Buffer.from('[{"a":9007199254740993},\n{"a":"'),
      Buffer.from([0xe9]),
      Buffer.from('"},\n{"a":3}]'),
    ])
    const { rows, error } = await readAll('json', file)
    expect(error).toBeUndefined()
    expect(rows).toMatchObject([
      { row: 1, line: 1, problem: { code: 'number_not_exact', came: '9007199254740993' } },
      { row: 2, line: 2, problem: { code: 'encoding' } },
      { row: 3, line: 3, value: { a: 3 } },
    ])
  })

  test('a key called __proto__ is a key like any other', async () => {
    const { rows } = await readAll('json', '[{"__proto__":{"admin":true}}]')
    expect(JSON.stringify(rows[0]?.value)).toBe('{"__proto__":{"admin":true}}')
  })
})

describe('JSON files that break', () => {
  test.each([
    ['cut inside an element', '[\n{"a":1},\n{"a":2},\n{"a":\n', 4, 2],
    ['cut between elements', '[\n{"a":1},\n{"a":2},\n', 4, 2],
    ['cut before the closing bracket', '[\n{"a":1},\n{"a":2}\n', 4, 2],
    ['an element that is no JSON', '[\n{"a":1},\n{"a":2},\n{"a":},\n{"a":4}]', 4, 2],
    ['a forgotten comma', '[\n{"a":1},\n{"a":2}\n{"a":3}]', 4, 2],
    ['something behind the array', '[\n{"a":1},\n{"a":2}\n]\n{"a":3}', 5, 2],
    ['a document cut short', '{"a":1}\n{"a":2}\n{"a"', 3, 2],
  ])('%s: the good elements are delivered, then file_cut names the line', async (_, text, line, good) => {
    for (const size of chunkSizes) {
      const { rows, error } = await readAll('json', text, size)
      expect(rows.map(({ value }) => value)).toEqual([{ a: 1 }, { a: 2 }].slice(0, good))
      expect(error?.code).toBe('file_cut')
      expect(error?.problem).toMatchObject({ file: 'in.json', row: good + 1, line })
      expect(error?.next).toContain('NDJSON')
    }
  })

  test.each(['', ' \n ', '[]', '[ \n ]', '\ufeff[]'])('%j holds nothing to send', async text => {
    for (const size of chunkSizes) {
      const { rows, error } = await readAll('json', text, size)
      expect(rows).toEqual([])
      expect(error?.code).toBe('file_empty')
    }
  })
})

describe('any JSON', () => {
  test('objects written as an array or as documents come back exactly, in any pieces, on their lines', async () => {
    const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })), {
      minLength: 1,
      maxLength: 6,
    })
    await fc.assert(
      fc.asyncProperty(
        objects,
        fc.boolean(),
        fc.constantFrom(undefined, 2),
        fc.integer({ min: 1, max: 40 }),
        async (list, inArray, indent, size) => {
          const texts = list.map(object => JSON.stringify(object, null, indent))
          const text = inArray ? `[${texts.join(',\n')}]` : texts.join('\n')
          const { rows, error } = await readAll('json', text, size)
          expect(error).toBeUndefined()
          expect(rows.map(({ raw }) => raw)).toEqual(texts)
          expect(rows.map(({ value }) => JSON.stringify(value, null, indent))).toEqual(texts)
          const heights = texts.map(one => one.split('\n').length)
          const starts = texts.map(
            (__, i) => 1 + heights.slice(0, i).reduce((sum, height) => sum + height, 0),
          )
          expect(rows.map(({ line }) => line)).toEqual(starts)
        },
      ),
      { numRuns: 200 },
    )
  })

  test('long texts end where they end, however many backslashes and quotation marks are in them', async () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '\\', '"', '\n', '{', ']', 'ñ'),
      minLength: 20,
      maxLength: 120,
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(text, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 90 }),
        async (list, size) => {
          const values = list.map(one => ({ v: one, w: 1 }))
          const { rows, error } = await readAll('json', JSON.stringify(values), size)
          expect(error).toBeUndefined()
          expect(rows.map(({ value }) => value)).toEqual(values)
        },
      ),
      { numRuns: 500 },
    )
  })

  test('any bytes end in rows, in file_cut or in file_empty, the same in any pieces', async () => {
    const soup = fc.string({
      unit: fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '1', '\\', '\n', ' '),
      maxLength: 40,
    })
    await fc.assert(
      fc.asyncProperty(soup, fc.integer({ min: 1, max: 9 }), async (text, size) => {
        const whole = await readAll('json', text)
        const pieces = await readAll('json', text, size)
        // A bare number at the very end of a cut file may or may not be handed over; it is no object either way.
        const structured = ({ raw }: Seen) => /^[[{"]/.test(raw)
        expect(pieces.rows.filter(structured)).toEqual(whole.rows.filter(structured))
        expect(pieces.error?.code).toBe(whole.error?.code)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('the elements of the lists in a document', () => {
  const document = '{ "message":"a[{","users" : [{"a":[{"b":"]}"}]},\n {"a":2} ],"ids":["x","y"],"n":1 }'

  test.each(chunkSizes)('are the rows, each with its line and its own bytes (pieces of %i)', async size => {
    for (const text of [document, `\ufeff${document}`]) {
      const { rows, error } = await readAll('json', text, size, ',', true)
      expect(error).toBeUndefined()
      expect(rows.map(({ line, raw }) => [line, raw])).toEqual([
        [1, '{"a":[{"b":"]}"}]}'],
        [2, '{"a":2}'],
        [2, '"x"'],
        [2, '"y"'],
      ])
    }
  })

  test('of several documents come one after the other', async () => {
    const { rows } = await readAll('json', '{"users":[1]}\n{"users":[]}{"users":[2,3]}', 5, ',', true)
    expect(rows.map(({ value }) => value)).toEqual([1, 2, 3])
  })

  test.each([
    ['the document ends too early', document.slice(0, -3)],
    ['a list ends too early', document.slice(0, 50)],
    ['there is a comma too many', document.replace('} ]', '}, ]')],
    ['something comes behind', `${document}]`],
  ])('are given up where %s', async (_, text) => {
    const { rows, error } = await readAll('json', text, 7, ',', true)
    expect(error?.code).toBe('file_cut')
    expect(rows[0]?.value).toEqual({ a: [{ b: ']}' }] })
  })
})
