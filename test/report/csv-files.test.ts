import { parse } from 'csv-parse/sync'
import { describe, expect, test } from 'vitest'
import type { Account } from '../../src/model/account.ts'
import { csvLines, rowRecord, rowsHeader, valueRecords, valuesHeader } from '../../src/report/csv-files.ts'
import { judgedValues } from '../../src/report/judged.ts'
import { account, everyOutcome } from '../support/build.ts'

const rowsOf = (accounts: Account[]): Record<string, string>[] =>
  parse(csvLines([rowsHeader, ...accounts.map(one => rowRecord(one, judgedValues(one)))]), { columns: true })
const valuesOf = (accounts: Account[]): Record<string, string>[] =>
  parse(csvLines([valuesHeader, ...accounts.flatMap(one => valueRecords(one, judgedValues(one)))]), {
    columns: true,
  })

test('the headers are those of the design', () => {
  expect(csvLines([rowsHeader])).toBe(
    'file,row,line,part,user,kind,outcome,reason,http_status,attempts,duration_ms,values_match,values_differ,values_unverifiable,message\n',
  )
  expect(csvLines([valuesHeader])).toBe(
    'file,row,line,part,user,kind,field,requested,returned,verdict,reason\n',
  )
})

describe('rows.csv', () => {
  const rows = rowsOf(everyOutcome())

  test('has one line for every object, with its outcome and the reason for it', () => {
    expect(rows.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['verified', ''],
      ['verified', ''],
      ['unverifiable', 'standard_field_not_echoed'],
      ['mismatched', 'unexplained'],
      ['rejected', 'request_rejected'],
      ['invalid', 'field_type'],
      ['unknown', 'answer_lost'],
      ['held', 'after_unknown'],
      ['unchanged', ''],
      ['not_sent', 'interrupted'],
    ])
  })

  test('counts the values of each, and leaves empty what there was not', () => {
    expect(rows[3]).toEqual({
      file: 'in.csv',
      row: '4',
      line: '5',
      part: '',
      user: '{"external_id":"u1"}',
      kind: 'attributes',
      outcome: 'mismatched',
      reason: 'unexplained',
      http_status: '201',
      attempts: '1',
      duration_ms: '20',
      values_match: '1',
      values_differ: '1',
      values_unverifiable: '0',
      message: '',
    })
    expect(rows[5]).toMatchObject({ kind: '', user: '', http_status: '', duration_ms: '', attempts: '0' })
  })

  test('names a part by its row, and keeps a message over two lines whole', () => {
    expect(rows[9]).toMatchObject({ row: '10', part: '10.2' })
    expect(rows[4]?.['message']).toBe('bad "thing"\nand more')
  })
})

describe('values.csv', () => {
  test('has one line for every requested value, in the order of the request', () => {
    expect(
      valuesOf(everyOutcome()).map(({ row, field, verdict, reason }) => [row, field, verdict, reason]),
    ).toEqual([
      ['1', 'plan', 'match', 'exact'],
      ['2', 'name', 'unverifiable', 'count_baseline_unknown'],
      ['2', 'time', 'equivalent', 'date_utc_assumed'],
      ['2', 'properties.size', 'unverifiable', 'details_not_echoed'],
      ['3', 'first_name', 'unverifiable', 'standard_field_not_echoed'],
      ['4', 'plan', 'unknown', 'unexplained'],
      ['4', 'tags', 'match', 'exact'],
      ['5', 'plan', 'not_applied', 'request_rejected'],
      ['7', 'plan', 'unknown', 'answer_lost'],
    ])
  })

  test('holds values as JSON, and nothing where the answer shows nothing', () => {
    const held = { text: 'a,"b"\nc', number: 1.5, none: null, list: ['x', 1], __proto: '' }
    const body = { external_id: 'u', ...held, absent: 'x' }
    const lines = valuesOf([account({ body, echoed: { custom_attributes: held } })])
    for (const { field = '', requested, returned } of lines.slice(0, -1)) {
      expect(JSON.parse(requested ?? '')).toEqual(held[field as keyof typeof held])
      expect(returned).toBe(requested)
    }
    expect(lines.at(-1)).toMatchObject({ field: 'absent', requested: '"x"', returned: '' })
  })

  test('a null that came back is not an answer that shows nothing', () => {
    const [line] = valuesOf([
      account({
        body: { external_id: 'u', a: 'x' },
        echoed: { custom_attributes: { a: null } },
        reasons: ['unexplained'],
      }),
    ])
    expect(line?.['returned']).toBe('null')
  })

  test('shows the count and the times of an event', () => {
    const [name, time] = valuesOf(everyOutcome()).slice(1)
    expect(JSON.parse(name?.['returned'] ?? '')).toEqual({ name: 'n', count: 1 })
    expect(Object.keys(JSON.parse(time?.['returned'] ?? ''))).toEqual(['first', 'last'])
  })
})
