import { describe, expect, test } from 'vitest'
import { bodies, mapCsv, refusal, type Settings } from '../support/map-rows.ts'

describe('headers by themselves', () => {
  test.each([
    ['external_id', 'u1', { external_id: 'u1' }],
    ['braze_id', '0123', { braze_id: '0123' }],
    ['email', 'a@b.c', { email: 'a@b.c' }],
    ['phone', '+15551234', { phone: '+15551234' }],
    [
      'user_alias.alias_name,user_alias.alias_label',
      '7,crm',
      { user_alias: { alias_name: '7', alias_label: 'crm' } },
    ],
    ['user_alias_name,user_alias_label', '7,crm', { user_alias: { alias_name: '7', alias_label: 'crm' } }],
  ])('%s identifies the user, always as text', async (header, row, body) => {
    expect(bodies(await mapCsv(`${header}\n${row}\n`))).toEqual([body])
  })

  test('`properties.a.b` nests for events and purchases', async () => {
    const events = 'external_id,name,time,properties.size,properties.box.color,properties.box.lid\n'
    expect(bodies(await mapCsv(`${events}1,opened,2024-01-01T00:00:00Z,3,red,true\n`))).toEqual([
      {
        external_id: '1',
        name: 'opened',
        time: '2024-01-01T00:00:00Z',
        properties: { size: 3, box: { color: 'red', lid: true } },
      },
    ])
    const purchases = 'external_id,product_id,price,currency,time,quantity,properties.a.b\n'
    const { objects } = await mapCsv(`${purchases}1,007,9.90,EUR,2024-01-01,2,x\n`)
    expect(objects[0]).toMatchObject({
      kind: 'purchases',
      body: { product_id: '007', price: 9.9, currency: 'EUR', quantity: 2, properties: { a: { b: 'x' } } },
    })
  })

  test('a dotted name of an attribute stays one name', async () => {
    expect(bodies(await mapCsv('external_id,properties.a\n1,x\n'))).toEqual([
      { external_id: '1', 'properties.a': 'x' },
    ])
  })

  test('name and time make events, product and price make purchases, all else is attributes', async () => {
    const kindOf = async (header: string, row: string) =>
      (await mapCsv(`${header}\n${row}\n`)).objects[0]?.kind
    expect(await kindOf('external_id,name,time', '1,a,2024-01-01')).toBe('events')
    expect(await kindOf('external_id,product_id,price,currency,time', '1,a,1,EUR,2024-01-01')).toBe(
      'purchases',
    )
    expect(await kindOf('external_id,name', '1,a')).toBe('attributes')
  })

  test('`name:TYPE` declares a type, and the name goes without it', async () => {
    const csv = 'external_id,zip:string,age:integer,tags:string[],at:10\n1,123,007,a|b,x\n'
    expect(bodies(await mapCsv(csv))).toEqual([
      { external_id: '1', zip: '123', age: 7, tags: ['a', 'b'], 'at:10': 'x' },
    ])
  })

  test('columns called like parts of JavaScript are columns like any other', async () => {
    const [body] = bodies(await mapCsv('external_id,__proto__,constructor,toString\n1,2,3,x\n'))
    expect(JSON.stringify(body)).toBe('{"external_id":"1","__proto__":2,"constructor":3,"toString":"x"}')
  })
})

describe('a flag wins over the mapping, and the mapping over the header', () => {
  const csv = 'customerID,n:integer,external_ref\n1,5,9\n'
  const mapping = 'id: { external_id: customerID }\ncolumns:\n  n: { to: count, type: number }'

  test.each<[string, Settings, unknown]>([
    ['the header alone', { id: { external_id: 'customerID' } }, { external_id: '1', n: 5, external_ref: 9 }],
    ['the mapping', { mapping }, { external_id: '1', count: 5, external_ref: 9 }],
    ['--type', { mapping, columnTypes: { n: 'string' } }, { external_id: '1', count: '5', external_ref: 9 }],
    ['--id', { mapping, id: { external_id: 'external_ref' } }, { customerID: 1, count: 5, external_id: '9' }],
    ['--types text', { mapping, types: 'text' }, { external_id: '1', count: 5, external_ref: '9' }],
  ])('%s', async (_, settings, body) => {
    expect(bodies(await mapCsv(csv, settings))).toEqual([body])
  })

  test('--kind wins over the kind of the mapping and over the columns', async () => {
    const events = 'external_id,name,time\n1,a,2024-01-01\n'
    expect((await mapCsv(events, { kind: 'attributes', mapping: 'kind: events' })).objects[0]?.kind).toBe(
      'attributes',
    )
    expect((await mapCsv(events, { mapping: 'kind: attributes' })).objects[0]?.kind).toBe('attributes')
  })

  test('an identifier column with a rule of its own is written to both places', async () => {
    const both = 'id: { external_id: ref }\ncolumns:\n  ref: { to: ref_number }'
    expect(bodies(await mapCsv('ref\n12\n', { mapping: both }))).toEqual([
      { external_id: '12', ref_number: 12 },
    ])
    const once = 'id: { external_id: ref }\ncolumns:\n  ref: ignore'
    expect(bodies(await mapCsv('ref\n12\n', { mapping: once }))).toEqual([{ external_id: '12' }])
  })
})

describe('a file whose columns cannot make objects is refused before its first row', () => {
  const cases: [what: string, header: string, settings: Settings, code: string, words: string][] = [
    ['a near-miss type', 'external_id,age:interger', {}, 'type_unknown', 'Did you mean `integer`?'],
    [
      'a mapped column it lacks',
      'external_id,Churn',
      { mapping: 'columns: { Chrn: ignore }' },
      'column_unknown',
      'no column `Chrn`, which is named in the mapping. Did you mean `Churn`?',
    ],
    [
      'an identifier column it lacks',
      'customerID,a',
      { id: { external_id: 'customerId' } },
      'column_unknown',
      'used as an identifier. Did you mean `customerID`?',
    ],
    [
      'a typed column it lacks',
      'external_id,age',
      { columnTypes: { agee: 'integer' } },
      'column_unknown',
      'named in --type. Did you mean `age`?',
    ],
    [
      'a kind column it lacks',
      'external_id,a',
      { mapping: 'kind: { column: kind }' },
      'column_unknown',
      'used as the kind',
    ],
    [
      'two columns of one name',
      'external_id,b,external_id',
      {},
      'header_duplicate',
      'two columns called `external_id` (1 and 3)',
    ],
    [
      'two columns of one name, with spaces around one of them',
      'external_id,a, a',
      {},
      'header_duplicate',
      'two columns called `a` (2 and 3)',
    ],
    [
      'two primary identifiers',
      'external_id,braze_id',
      {},
      'identifier_columns_two',
      '`external_id`, `braze_id`',
    ],
    [
      'an alias beside an external id',
      'external_id,user_alias_name,user_alias_label',
      {},
      'identifier_columns_two',
      '`external_id`, `user_alias`',
    ],
    [
      'no identifier',
      'customerID,plan',
      {},
      'identifier_column_missing',
      'No column of in.csv identifies the user',
    ],
    ['half an alias', 'user_alias.alias_name,plan', {}, 'identifier_column_missing', 'not the other half'],
    [
      'two columns for one field',
      'external_id,a,b',
      { mapping: 'columns: { a: { to: x }, b: { to: x } }' },
      'column_conflict',
      'both set `x`',
    ],
    [
      'a rule that writes over a column',
      'external_id,a,b',
      { mapping: 'columns: { a: { to: b } }' },
      'column_conflict',
      'both set `b`',
    ],
    [
      'a constant that is a column, too',
      'external_id,source',
      { mapping: 'constants: { source: crm }' },
      'column_conflict',
      'both set `source`',
    ],
    [
      'an object and a part of it',
      'external_id,name,time,properties,properties.a',
      {},
      'column_conflict',
      'both set',
    ],
    [
      'a named identifier beside the one of that name',
      'ref,external_id',
      { id: { external_id: 'ref' } },
      'column_conflict',
      'both set `external_id`',
    ],
    [
      'a stray column of events',
      'external_id,name,time,color',
      {},
      'column_misplaced',
      'Name it `properties.color`',
    ],
    [
      'a misspelt field of events',
      'external_id,name,time,app_idd',
      {},
      'column_misplaced',
      'Did you mean `app_id`?',
    ],
  ]

  for (const [what, header, settings, code, words] of cases) {
    test(what, async () => {
      const row = header.replaceAll(/[^,]+/g, '1')
      const error = await refusal(() => mapCsv(`${header}\n${row}\n`, settings))
      expect(error.code).toBe(code)
      expect(error.message).toContain(words)
      expect(error.problem).toMatchObject({ file: 'in.csv', line: 1 })
    })
  }

  test.each([
    'Customer ID',
    'customerid',
    'user_id',
    'CustomerID',
    'member-uuid',
    'uid',
    'External User Id',
    'subscriberKey',
    'id',
  ])('where no column identifies the user, one that names users is proposed: %s', async name => {
    const error = await refusal(() => mapCsv(`plan,${name}\na,1\n`))
    expect(error.step).toMatchObject({ id: 'identify', command: { flags: { id: [`external_id=${name}`] } } })
  })

  test.each([
    'order_id,total',
    'StockCode,InvoiceNo',
    'product id,price',
    'account_id,plan',
    'name,id:number',
    'external_id;plan;city',
    'user;id',
    'sep=',
  ])('and none that would make a user of each order, product or line: %s', async header => {
    const row = header.replaceAll(/[^,]+/g, '1')
    const settings = header.includes('number') ? { kind: 'events' as const } : {}
    const error = await refusal(() => mapCsv(`${header}\n${row}\n`, settings))
    expect([error.code, error.step]).toEqual(['identifier_column_missing', undefined])
    expect(error.next).toContain('--id external_id=COLUMN')
  })

  test('in words, the command is what its flags are', async () => {
    const error = await refusal(() => mapCsv('plan,customerID\na,1\n'))
    expect(error.next).toBe('Name the column: --id external_id=customerID')
  })
})

test('two columns of one name are no harm where nobody reads either', async () => {
  const text = 'external_id,note,note,plan\nu1,x,y,gold\n'
  for (const mapping of [
    'columns: { note: ignore }',
    'columns: { external_id: { to: external_id }, plan: { to: plan } }\nrest: ignore',
  ]) {
    expect(bodies(await mapCsv(text, { mapping }))).toEqual([{ external_id: 'u1', plan: 'gold' }])
  }
})
