import { describe, expect, test } from 'vitest'
import { readMapping } from '../../src/map/mapping.ts'
import { bodies, mapCsv, refusal } from '../support/map-rows.ts'

const example = `kind: attributes
id: { external_id: customerID }
columns:
  gender:       { to: gender, values: { Male: M, Female: F } }
  TotalCharges: { to: total_charges, type: number }
  Churn:        { to: churned, type: boolean, true: ["Yes"], false: ["No"] }
  signup:       { to: signup_date, type: time, format: "dd/MM/yyyy", zone: Europe/Madrid }
  tags:         { to: tags, type: "string[]", separator: "|" }
  notes:        ignore
rest: keep
constants: { _update_existing_only: true, source: crm }
`
const header = 'customerID,gender,TotalCharges,Churn,signup,tags,notes,tenure,PaymentMethod'

describe('the mapping file of the documentation', () => {
  test('makes every column what its rule says, and keeps the rest', async () => {
    const csv = `${header}\n0042,Female,29.85,No,14/07/2024,vip|new,secret,1,Electronic check\n`
    expect(bodies(await mapCsv(csv, { mapping: example }))).toEqual([
      {
        _update_existing_only: true,
        source: 'crm',
        external_id: '0042',
        gender: 'F',
        total_charges: 29.85,
        churned: false,
        signup_date: '2024-07-14T00:00:00+02:00',
        tags: ['vip', 'new'],
        tenure: 1,
        PaymentMethod: 'Electronic check',
      },
    ])
  })

  test('the zone follows summer and winter time', async () => {
    const csv = `${header}\n1,Male,1,Yes,14/01/2024,a,,1,x\n`
    expect(bodies(await mapCsv(csv, { mapping: example }))[0]).toMatchObject({
      gender: 'M',
      churned: true,
      signup_date: '2024-01-14T00:00:00+01:00',
      tags: ['a'],
    })
  })

  test.each([
    ['gender', '1,male,1,Yes,14/01/2024,a,,1,x', 'one of Male, Female', '"male"'],
    ['TotalCharges', '1,Male,n/a,Yes,14/01/2024,a,,1,x', 'a number such as 12.5', '"n/a"'],
    ['Churn', '1,Male,1,yes,14/01/2024,a,,1,x', 'one of Yes, No', '"yes"'],
    ['signup', '1,Male,1,Yes,01/14/2024,a,,1,x', 'a time written dd/MM/yyyy', '"01/14/2024"'],
  ])(
    'a cell of %s that does not fit makes its row invalid, with what was expected',
    async (field, row, expected, came) => {
      const { objects } = await mapCsv(`${header}\n${row}\n2,Male,,,,,,,\n`, { mapping: example })
      expect(objects[0]?.problems).toEqual([
        {
          code: 'cell_type',
          message: `\`${field}\` should be ${expected}; it is ${came}.`,
          file: 'in.csv',
          row: 1,
          line: 2,
          field,
          expected,
          came,
        },
      ])
      expect(objects[1]).toMatchObject({ problems: [], body: { external_id: '2', gender: 'M' } })
    },
  )

  test('`rest: ignore` keeps only what the mapping names', async () => {
    const mapping = example.replace('rest: keep', 'rest: ignore')
    const [body] = bodies(await mapCsv(`${header}\n1,Male,1,Yes,14/01/2024,a,n,1,x\n`, { mapping }))
    expect(Object.keys(body ?? {})).toEqual([
      '_update_existing_only',
      'source',
      'external_id',
      'gender',
      'total_charges',
      'churned',
      'signup_date',
      'tags',
    ])
  })

  test('an identifier may be a constant half and a column half', async () => {
    const mapping = 'id: { user_alias: { alias_name: login, alias_label: { const: crm } } }'
    const { objects } = await mapCsv('login,plan\nana,pro\n', { mapping })
    expect(objects[0]?.body).toEqual({ user_alias: { alias_label: 'crm', alias_name: 'ana' }, plan: 'pro' })
    expect(objects[0]?.user).toBe('{"user_alias":{"alias_name":"ana","alias_label":"crm"}}')
  })

  test('an empty file, comments and anchors are fine', () => {
    expect(readMapping('', 'm.yaml')).toEqual({})
    expect(readMapping('# nothing yet\n', 'm.yaml')).toEqual({})
    expect(readMapping('columns:\n  a: &time { type: time }\n  b: *time\n', 'm.yaml')).toEqual({
      columns: { a: { type: 'time' }, b: { type: 'time' } },
    })
  })
})

describe('mistakes in a mapping file are told with the line, what was expected and the nearest right word', () => {
  const mistakes: [
    what: string,
    text: string,
    line: number,
    field: string,
    expected: string,
    hint: string,
  ][] = [
    ['an unknown key', '\ncolums: {}', 2, 'colums', '`columns`', 'Did you mean `columns`?'],
    [
      'an unknown key of a rule',
      'columns:\n  a:\n    tipe: number',
      3,
      'columns.a.tipe',
      '`type`',
      'Did you mean `type`?',
    ],
    [
      'an unknown identifier',
      'id:\n  exernal_id: x',
      2,
      'id.exernal_id',
      '`external_id`',
      'Did you mean `external_id`?',
    ],
    [
      'a wrong type',
      'columns:\n  a: { type: boolen }',
      2,
      'columns.a.type',
      'boolean',
      'Did you mean `boolean`?',
    ],
    [
      'a type in capitals',
      'columns:\n  a: { type: Number }',
      2,
      'columns.a.type',
      'number',
      'Did you mean `number`?',
    ],
    [
      'a wrong kind',
      'rest: keep\nkind: event',
      2,
      'kind',
      'attributes, events, purchases',
      'Did you mean `events`?',
    ],
    ['a wrong rest', 'rest: kepp', 1, 'rest', 'keep, ignore', 'Did you mean `keep`?'],
    ['a misspelt ignore', 'columns:\n  a: ignroe', 2, 'columns.a', 'ignore, or', 'Did you mean `ignore`?'],
    [
      'a zone that is none',
      'columns:\n  a: { zone: Europe/Madird }',
      2,
      'columns.a.zone',
      'such as Europe/Madrid',
      '',
    ],
    ['a word where a list belongs', 'columns:\n  a: { true: "Yes" }', 2, 'columns.a.true', 'a list', ''],
    ['a rule without content', 'columns:\n  a:', 2, 'columns.a', 'ignore, or', ''],
    [
      'a number as column',
      'id: { external_id: 5 }',
      1,
      'id.external_id',
      'a column, or { const: text }',
      'it is 5.',
    ],
    [
      'half an alias',
      'id:\n  user_alias: { alias_name: x }',
      2,
      'id.user_alias.alias_label',
      'a column',
      'it is nothing.',
    ],
    ['a list instead of keys', '- a', 1, '', 'keys and their values', 'the file should be'],
  ]

  for (const [what, text, line, field, expected, hint] of mistakes) {
    test(what, async () => {
      const error = await refusal(() => readMapping(text, 'm.yaml'))
      expect(error.code).toBe('mapping_invalid')
      expect(error.problem).toMatchObject({ file: 'm.yaml', line, field })
      expect(error.problem.expected).toContain(expected)
      expect(error.message).toContain(`m.yaml, line ${line}: `)
      expect(error.message).toContain(hint)
    })
  }

  test.each([
    ['a bracket that is not closed', 'kind: attributes\ncolumns: [', 2, 'm.yaml, line 2: Flow sequence'],
    [
      'the same column twice',
      'columns:\n  a: ignore\n  a: ignore',
      3,
      'm.yaml, line 3: Map keys must be unique',
    ],
    ['a name that stands for nothing', 'rest: keep\nkind: *events', 2, '`*events` refers to nothing'],
    [
      'a number that would be rounded',
      'constants:\n  id: 9007199254740993',
      2,
      '9007199254740993 has too many digits',
    ],
  ])('%s is told with its line', async (_, text, line, words) => {
    const error = await refusal(() => readMapping(text, 'm.yaml'))
    expect(error.problem).toMatchObject({ code: 'mapping_invalid', file: 'm.yaml', line })
    expect(error.message).toContain(words)
  })
})
