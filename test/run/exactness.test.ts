import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createSandbox, importFiles, type ImportOptions, plan, type Receipt } from '../../src/index.ts'
import { readCsv, temporaryFolder } from '../support/run-folder.ts'

const cwd = temporaryFolder()
let made = 0

describe('cells of CSV go out as they are written', () => {
  const texts = [
    '9007199254740993',
    '00123',
    '1e5',
    '1E400',
    'NaN',
    'Infinity',
    '-Infinity',
    '１２３',
    '٣',
    '0x1F',
    '1_000',
    '1,5',
    '+1',
    '-0',
    '.5',
    '1.',
    '5e-324',
    'null',
    'no',
    '=1+1',
    '\u0000',
    'a\u0000b',
    'é',
    'e\u0301',
    '👩‍👩‍👧',
    '\u202eabc',
    '\ufeffx',
    ' x ',
    '__proto__',
    'ﬁ',
  ]

  test.each(texts)('%j', async text => {
    const csv = `external_id,v\nu,"${text}"\n`
    const { sent } = await send('in.csv', csv)
    expect(sent).toEqual([{ attributes: [{ external_id: 'u', v: text }] }])
  })

  test('names of columns, whatever they are', async () => {
    const names = [
      '__proto__',
      'constructor',
      'hasOwnProperty',
      'toString',
      'ключ',
      '鍵',
      '😀',
      'a b',
      'ñ',
      '0',
      '\u0000',
    ]
    const csv = `external_id,${names.join(',')}\nu,${names.map((_, i) => `v${i}`).join(',')}\n`
    const { sent, receipt } = await send('in.csv', csv)
    const body = `{"external_id":"u",${names.map((name, i) => `${JSON.stringify(name)}:"v${i}"`).join(',')}}`
    expect(sent).toEqual([JSON.parse(`{"attributes":[${body}]}`)])
    expect(receipt.summary.values.total).toBe(names.length)
    const values = readCsv(join(receipt.folder, 'values.csv'))
    expect(values.map(({ field }) => field)).toEqual(['0', ...names.filter(name => name !== '0')])
    expect(new Set(Object.keys(receipt.summary.fields))).toEqual(new Set(names))
  })
})

describe('values of JSON go out as they are written, or not at all', () => {
  test('what survives', async () => {
    const lines = [
      '{"external_id":"u","v":9007199254740991}',
      '{"external_id":"u","v":1.50}',
      '{"external_id":"u","v":1e3}',
      '{"external_id":"u","v":"\\u0000 \\ud83d\\ude00 \\u202e"}',
      '{"external_id":"u","__proto__":{"constructor":1},"constructor":2,"toString":"x"}',
      '{"external_id":"u","ключ":{"鍵":["😀",null]}}',
    ]
    const { sent } = await send('in.ndjson', lines.join('\n'))
    expect(sent).toEqual(lines.map(line => JSON.parse(`{"attributes":[${line}]}`) as unknown))
  })

  test('what does not is one invalid row, and its neighbours go', async () => {
    const bad = [
      ['{"external_id":"u","v":9007199254740993}', 'number_not_exact'],
      ['{"external_id":"u","v":1e400}', 'number_not_exact'],
      ['{"external_id":"u","v":0.1000000000000000055511151231257827}', 'number_not_exact'],
      ['{"external_id":"u","v":NaN}', 'json_syntax'],
      ['{"external_id":"u","v":-Infinity}', 'json_syntax'],
      ['{"external_id":"u","v":１}', 'json_syntax'],
      ['{"external_id":"u","v":01}', 'json_syntax'],
      ['{"external_id":"u","v":"\\ud83d"}', 'text_not_exact'],
      ['{"external_id":"u","v":"\u0001"}', 'json_syntax'],
      ['{"external_id":"u","v":1,"v":2}', 'json_name_twice'],
      ['{"external_id":"u","external_id":"w"}', 'json_name_twice'],
      [`{"external_id":"u","v":${'['.repeat(5000)}${']'.repeat(5000)}}`, 'json_shape'],
      ['["external_id"]', 'json_shape'],
      ['"external_id"', 'json_shape'],
      ['null', 'json_shape'],
    ] as const
    const good = '{"external_id":"u","v":1}'
    const { sent, receipt } = await send('in.ndjson', bad.map(([line]) => `${line}\n${good}\n`).join(''))
    expect(sent).toHaveLength(bad.length)
    expect(receipt.summary.objects).toMatchObject({ invalid: bad.length, verified: bad.length })
    const rows = readCsv(join(receipt.folder, 'rows.csv'))
    expect(rows.filter(row => row['outcome'] === 'invalid').map(row => [row['line'], row['reason']])).toEqual(
      bad.map(([, code], i) => [String(2 * i + 1), code]),
    )
  })
})

test('5,000 columns are planned and sent like five', async () => {
  const names = Array.from({ length: 5000 }, (_, i) => `c${i}`)
  const rows = [0, 1, 2, 3].map(row => `u${row},${names.map((_, i) => i * row).join(',')}`)
  const { receipt } = await send('in.csv', `external_id,${names.join(',')}\n${rows.join('\n')}\n`)
  expect(receipt.summary.objects).toMatchObject({ total: 4, verified: 4 })
  expect(receipt.summary.values).toMatchObject({ total: 20_000, match: 20_000 })
})

test('5,000 columns that are no fields are told with the first of them, at once', async () => {
  const names = Array.from({ length: 5000 }, (_, i) => `c${i}`)
  const path = file('in.csv', `external_id,name,time,${names.join(',')}\n`)
  await expect(plan({ files: [path] })).rejects.toMatchObject({
    code: 'column_misplaced',
    problem: { field: 'c0' },
  })
})

async function send(name: string, text: string): Promise<{ sent: unknown[]; receipt: Receipt }> {
  const sandbox = await createSandbox({ limit: 'off' })
  onTestFinished(() => sandbox.close())
  const runsDir = join(cwd, `runs-${++made}`)
  const options: ImportOptions = {
    files: [file(name, text)],
    url: sandbox.url,
    key: 'k',
    rate: 'off',
    runsDir,
  }
  const receipt = await importFiles({ ...options, concurrency: 1, maxErrors: 1000 })
  return { receipt, sent: sandbox.calls().map(({ body }) => JSON.parse(body) as unknown) }
}

function file(name: string, text: string): string {
  const path = join(cwd, `${++made}-${name}`)
  writeFileSync(path, text)
  return path
}
