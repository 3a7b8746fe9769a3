import { stringify } from 'csv-stringify/sync'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { textOf } from '../../src/model/json.ts'
import { bodies, mapCsv } from '../support/map-rows.ts'

/** The values that a column of these cells ends up with, and what the plan says of it. */
async function column(cells: string[]) {
  const csv = stringify([['external_id', 'x'], ...cells.map((cell, i) => [`u${i}`, cell])])
  const mapped = await mapCsv(csv)
  return { values: bodies(mapped).map(({ x }) => x), plan: mapped.columns['x'] }
}

describe('a column that nobody declared', () => {
  test.each([
    ['00123'],
    ['1e5'],
    ['1234567890123456789'],
    ['+1555'],
    ['no'],
    ['NaN'],
    ['２'],
    ['1.0'],
    ['-0'],
    ['1,5'],
    [' 1'],
    ['0x1'],
    ['Infinity'],
    ['true'],
  ])('is text altogether where one of its cells is %s among numbers', async cell => {
    const { values, plan } = await column(['1', '2.5', '', cell, '-7'])
    expect(values).toEqual(['1', '2.5', undefined, cell, '-7'])
    expect(plan).toEqual({
      declared: false,
      type: 'string',
      filled: 4,
      empty: 1,
      spoiledBy: { cell, line: 5 },
    })
  })

  test('is numbers where every filled cell is one in canonical form', async () => {
    const { values, plan } = await column(['0', '', '-1', '3.25', '9007199254740991', '   '])
    expect(values).toEqual([0, undefined, -1, 3.25, 9007199254740991, undefined])
    expect(plan).toEqual({ declared: false, type: 'number', filled: 4, empty: 2 })
  })

  test('is booleans where every filled cell says true or false', async () => {
    const { values, plan } = await column(['true', 'FALSE', '', 'True'])
    expect(values).toEqual([true, false, undefined, true])
    expect(plan?.type).toBe('boolean')
  })

  test('is text where it is empty altogether', async () => {
    expect((await column(['', ' '])).plan).toEqual({ declared: false, type: 'string', filled: 0, empty: 2 })
  })

  test('is judged by the whole file: the last of many cells counts like the first', async () => {
    const cells = [...Array.from({ length: 500 }, (_, i) => String(i)), '00123']
    const { values } = await column(cells)
    expect(values).toEqual(cells)
  })

  test('that became numbers always prints back to the very same text', async () => {
    const cell = fc.oneof(
      fc.double().map(String),
      fc.integer().map(String),
      fc.bigInt().map(String),
      fc.stringMatching(/^[-+]?[0-9]{0,20}\.?[0-9]{0,20}$/),
      fc.string({ unit: fc.constantFrom('0', '1', '.', '-', 'e', ' '), maxLength: 5 }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(cell, { minLength: 1, maxLength: 3 }), async cells => {
        const { values } = await column(cells)
        const back = values.map(value => (value === undefined ? '' : textOf(value)))
        expect(back).toEqual(cells.map(text => (text.trim() === '' ? '' : text)))
      }),
      { numRuns: 500 },
    )
  })

  test('of canonical numbers becomes those numbers', async () => {
    const number = fc
      .oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }))
      .filter(value => !Object.is(value, -0) && !String(value).includes('e') && String(value).length < 25)
    await fc.assert(
      fc.asyncProperty(fc.array(number, { minLength: 1, maxLength: 4 }), async numbers => {
        expect((await column(numbers.map(String))).values).toEqual(numbers)
      }),
      { numRuns: 200 },
    )
  })

  test('a null token is no cell that spoils a column', async () => {
    const mapped = await mapCsv('external_id,x\na,1\nb,NULL\n', { nullToken: 'NULL' })
    expect(bodies(mapped)).toEqual([
      { external_id: 'a', x: 1 },
      { external_id: 'b', x: null },
    ])
  })
})

describe('the figures of', () => {
  test('declared columns have their own type', async () => {
    const { columns } = await mapCsv('external_id,age:integer,list\na,1,x|y\nb,,\n', {
      columnTypes: { list: 'string[]' },
    })
    expect(columns).toEqual({
      external_id: { declared: true, type: 'string', filled: 2, empty: 0 },
      'age:integer': { declared: true, type: 'integer', filled: 1, empty: 1 },
      list: { declared: true, type: 'string[]', filled: 1, empty: 1 },
    })
  })

  test('columns that fill no field say so', async () => {
    const mapping = 'kind: { column: what }\ncolumns:\n  notes: ignore\n'
    const rows = 'what,external_id,notes,time,x\nevents,a,n,2024-01-01,\nattributes,a,,,1\n'
    const { columns } = await mapCsv(rows, { mapping })
    expect(columns).toEqual({
      what: { declared: true, type: 'kind', filled: 2, empty: 0 },
      external_id: { declared: true, type: 'string', filled: 2, empty: 0 },
      notes: { declared: true, type: 'ignored', filled: 1, empty: 1 },
      time: { declared: true, type: 'time', filled: 1, empty: 1 },
      x: { declared: false, type: 'number', filled: 1, empty: 1 },
    })
  })

  test('columns of text are declared where all cells are taken for text', async () => {
    const { columns } = await mapCsv('external_id,x\na,1\n', { types: 'text' })
    expect(columns['x']).toEqual({ declared: true, type: 'string', filled: 1, empty: 0 })
  })
})
