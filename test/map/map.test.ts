import { describe, expect, test } from 'vitest'
import type { TrackObject } from '../../src/model/track-object.ts'
import { bodies, mapCsv, mapNdjson, refusal } from '../support/map-rows.ts'

const text = (raw: Uint8Array) => Buffer.from(raw).toString()
const codes = (object: TrackObject | undefined) => object?.problems.map(({ code }) => code)

describe('empty cells', () => {
  test('say nothing, so that they never overwrite', async () => {
    expect(bodies(await mapCsv('external_id,a,b\n1,,  \n'))).toEqual([{ external_id: '1' }])
  })

  test('remove the value where the user asks for that, but never an identifier', async () => {
    const { objects } = await mapCsv('external_id,email,a\n1,,\n', { empty: 'null' })
    expect(objects[0]?.body).toEqual({ external_id: '1', a: null })
  })

  test('a cell that is exactly the null token removes the value; an empty one still says nothing', async () => {
    const mapped = await mapCsv('external_id,a,b,c\n1,NULL,,null\n', { nullToken: 'NULL' })
    expect(bodies(mapped)).toEqual([{ external_id: '1', a: null, c: 'null' }])
  })

  test('a null token as identifier names nobody, least of all a user of that name', async () => {
    const { objects } = await mapCsv('external_id,a\nNULL,x\n', { nullToken: 'NULL' })
    expect(objects[0]).toMatchObject({ user: '', body: { a: 'x' } })
    expect(objects[0]?.body).not.toHaveProperty('external_id')
  })
})

describe('columns without a name', () => {
  test('at the right, as spreadsheets have them, are nothing as long as their cells are', async () => {
    const { objects, columns } = await mapCsv('external_id,a,,\n1,x,,\n2,y, ,z\n3,v,,\n')
    expect(objects.map(codes)).toEqual([[], ['csv_cells'], []])
    expect(objects[1]?.problems[0]?.message).toBe('Column 4 has no name, but a cell that is not empty: "z".')
    expect(objects[2]?.body).toEqual({ external_id: '3', a: 'v' })
    expect(Object.keys(columns)).toEqual(['external_id', 'a'])
  })

  test('elsewhere are refused, with the way to leave them out', async () => {
    const csv = ',external_id,a\n0,1,x\n1,2,y\n'
    const error = await refusal(() => mapCsv(csv))
    expect(error).toMatchObject({ code: 'header_empty', message: 'Column 1 of in.csv has no name.' })
    expect(error.next).toContain('`"": ignore`')
    const mapped = await mapCsv(csv, { mapping: 'columns: { "": ignore }' })
    expect(bodies(mapped)).toEqual([
      { external_id: '1', a: 'x' },
      { external_id: '2', a: 'y' },
    ])
  })
})

describe('cells that do not fit their declared type', () => {
  const csv = 'external_id,age:integer,plan\n1,old,pro\n2,7,free\n'

  test('make the row invalid by default, and only that row', async () => {
    const { objects } = await mapCsv(csv)
    expect(objects.map(codes)).toEqual([['cell_type'], []])
  })

  test('cost only the field where the user says `field`', async () => {
    const { objects } = await mapCsv(csv, { onTypeError: 'field' })
    expect(objects[0]).toMatchObject({ problems: [], body: { external_id: '1', plan: 'pro' } })
    expect(objects[0]?.body).not.toHaveProperty('age')
    expect(objects[0]?.leftOut).toMatchObject([{ code: 'cell_type', field: 'age:integer', row: 1, line: 2 }])
  })

  test('end the run where the user says `stop`, with the place', async () => {
    const error = await refusal(() => mapCsv(csv, { onTypeError: 'stop' }))
    expect(error.problem).toEqual({
      code: 'cell_type',
      message: '`age:integer` should be a whole number; it is "old".',
      file: 'in.csv',
      row: 1,
      line: 2,
      field: 'age:integer',
      expected: 'a whole number',
      came: '"old"',
    })
  })

  test('a row that could not be read is an object with its problem and its bytes, in its turn', async () => {
    const { objects } = await mapCsv('external_id,a\n1,x\n2,"x"y\n3,z\n')
    expect(objects.map(({ seq, row, line }) => [seq, row, line])).toEqual([
      [0, 1, 2],
      [1, 2, 3],
      [2, 3, 4],
    ])
    expect(objects[1]).toMatchObject({ kind: null, user: '', body: {}, problems: [{ code: 'csv_quote' }] })
    expect(objects.map(({ raw }) => text(raw))).toEqual(['1,x', '2,"x"y', '3,z'])
  })
})

describe('the kind of a row', () => {
  test('may stand in a column: each row is what it says, and the column itself is not sent', async () => {
    const csv =
      'what,external_id,name,time,properties.n,plan\nevents,1,a,2024-01-01,5,\nattributes,1,Ana,,,pro\nevent,1,,,,\n'
    const { objects } = await mapCsv(csv, { mapping: 'kind: { column: what }' })
    expect(objects.slice(0, 2).map(({ kind, body }) => [kind, body])).toEqual([
      ['events', { external_id: '1', name: 'a', time: '2024-01-01', properties: { n: 5 } }],
      ['attributes', { external_id: '1', name: 'Ana', plan: 'pro' }],
    ])
    expect(objects[2]?.problems).toMatchObject([{ code: 'field_value', field: 'what', came: '"event"' }])
  })

  test('may stand in a field of NDJSON; without it the row is invalid, not guessed', async () => {
    const lines = [
      { what: 'attributes', external_id: '1', a: 1 },
      { external_id: '1', a: 1 },
    ]
    const { objects } = await mapNdjson(lines, { mapping: 'kind: { column: what }' })
    expect(objects[0]).toMatchObject({ kind: 'attributes', body: { external_id: '1', a: 1 } })
    expect(objects.map(codes)).toEqual([[], ['field_value']])
  })
})

describe('what every object gets', () => {
  test('--update-existing-only is set on every object that does not say', async () => {
    const csv = 'external_id,_update_existing_only\n1,\n2,false\n'
    expect(bodies(await mapCsv(csv, { updateExistingOnly: true }))).toEqual([
      { _update_existing_only: true, external_id: '1' },
      { _update_existing_only: false, external_id: '2' },
    ])
    const lines = [{ attributes: [{ external_id: '1', _update_existing_only: false }, { external_id: '2' }] }]
    expect(bodies(await mapNdjson(lines, { updateExistingOnly: true }))).toEqual([
      { _update_existing_only: false, external_id: '1' },
      { _update_existing_only: true, external_id: '2' },
    ])
  })

  test('constants, nested ones included; what one record adds to them stays out of the next', async () => {
    const mapping = 'kind: events\nconstants: { properties: { source: crm } }'
    const lines = [
      { external_id: '1', name: 'a', time: '2024-01-01', 'properties.size': 3 },
      { external_id: '2', name: 'a', time: '2024-01-01' },
    ]
    expect(bodies(await mapNdjson(lines, { mapping })).map(({ properties }) => properties)).toEqual([
      { source: 'crm', size: 3 },
      { source: 'crm' },
    ])
  })

  test('a constant identifier', async () => {
    const { objects } = await mapCsv('a\n1\n', { mapping: 'id: { external_id: { const: shop } }' })
    expect(objects[0]).toMatchObject({ user: '{"external_id":"shop"}', body: { external_id: 'shop', a: 1 } })
  })
})

describe('NDJSON', () => {
  test('a flat record goes through as it is, its types untouched', async () => {
    const record = {
      external_id: '1',
      plan: 'pro',
      n: 7,
      zip: '00123',
      tags: ['a'],
      o: { a: null },
      none: null,
      '': 1,
    }
    const { objects } = await mapNdjson([record])
    expect(objects[0]).toMatchObject({ kind: 'attributes', part: 0, user: '{"external_id":"1"}' })
    expect(objects[0]?.body).toEqual(record)
  })

  test('a bare object tells its kind by its fields', async () => {
    const event = { external_id: '1', name: 'a', time: '2024-01-01', properties: { n: '1' } }
    const purchase = { external_id: '1', product_id: 'p', price: 1, currency: 'EUR', time: '2024-01-01' }
    const { objects } = await mapNdjson([event, purchase])
    expect(objects.map(({ kind, body }) => [kind, body])).toEqual([
      ['events', event],
      ['purchases', purchase],
    ])
  })

  test('a mapping renames, ignores and reads text by its declared type', async () => {
    const mapping = `id: { external_id: ref }
columns:
  joined: { to: joined_at, type: time, format: "dd/MM/yyyy" }
  notes: ignore
constants: { source: crm }`
    const lines = [
      { ref: '1', joined: '14/07/2024', notes: 'x', n: '5' },
      { ref: '2', joined: 'soon' },
    ]
    const { objects } = await mapNdjson(lines, { mapping })
    expect(objects[0]?.body).toEqual({
      source: 'crm',
      external_id: '1',
      joined_at: '2024-07-14T00:00:00Z',
      n: '5',
    })
    expect(objects[1]?.problems).toMatchObject([{ code: 'cell_type', field: 'joined', row: 2, line: 2 }])
  })

  test('a whole /users/track body is split into parts, in the order in which they stand', async () => {
    const event = { external_id: '2', name: 'a', time: '2024-01-01' }
    const body = {
      api_key: 'old',
      events: [event],
      attributes: [{ external_id: '1', a: 1 }, { external_id: '3' }],
    }
    const { objects } = await mapNdjson([{ external_id: '0' }, body, { attributes: { external_id: '4' } }])
    expect(objects.map(({ seq, row, part, kind, user }) => [seq, row, part, kind, user])).toEqual([
      [0, 1, 0, 'attributes', '{"external_id":"0"}'],
      [1, 2, 1, 'events', '{"external_id":"2"}'],
      [2, 2, 2, 'attributes', '{"external_id":"1"}'],
      [3, 2, 3, 'attributes', '{"external_id":"3"}'],
      [4, 3, 0, 'attributes', '{"external_id":"4"}'],
    ])
    expect(objects.slice(1, 4).map(({ raw }) => JSON.parse(text(raw)) as unknown)).toEqual([
      { events: [event] },
      { attributes: [{ external_id: '1', a: 1 }] },
      { attributes: [{ external_id: '3' }] },
    ])
  })

  test('what a /users/track body cannot hold is one bad part beside the good ones', async () => {
    const { objects } = await mapNdjson([{ attributes: [{ external_id: '1' }], events: [7], partner: 'x' }])
    expect(objects.map(({ part, problems }) => [part, problems.map(({ field }) => field)])).toEqual([
      [1, []],
      [2, ['events']],
      [3, ['partner']],
    ])
  })

  test.each([['[1]'], ['"x"'], ['null'], ['7'], ['{"attributes":[]}']])(
    '%s makes one invalid row',
    async line => {
      const { objects } = await mapNdjson([{ external_id: '1' }, line, { external_id: '3' }])
      expect(objects.map(codes)).toEqual([[], ['json_shape'], []])
      expect(text(objects[1]?.raw ?? new Uint8Array())).toBe(line)
    },
  )

  test('a key called __proto__ is sent as a key', async () => {
    const flat = '{"external_id":"1","__proto__":{"admin":true}}'
    const { objects } = await mapNdjson([flat, `{"attributes":[${flat}]}`])
    expect(objects.map(({ body }) => JSON.stringify(body))).toEqual([flat, flat])
  })
})
