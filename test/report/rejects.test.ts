import { describe, expect, test } from 'vitest'
import type { Account } from '../../src/model/account.ts'
import { outcomeNames } from '../../src/model/outcome.ts'
import type { PlanFile } from '../../src/model/plan.ts'
import { createRejects } from '../../src/report/rejects.ts'
import { planFile, unsent } from '../support/build.ts'

const file = (path: string, header: string | Uint8Array | null): PlanFile =>
  header === null
    ? planFile({ path, format: 'ndjson', delimiter: null, header })
    : planFile({ path, header: Buffer.from(header) })
const bad = (path: string, raw: string | Uint8Array, more: Partial<Account> = {}) =>
  unsent({ file: path, outcome: 'invalid', raw: Buffer.from(raw), ...more })

/** Name, header and bytes of what is kept of these accounts, as latin-1 so that every byte shows. */
function kept(files: PlanFile[], ...accounts: Account[]) {
  const rejectOf = createRejects(files)
  return accounts.map(account => {
    const found = rejectOf(account)
    if (found === null) return null
    const [header, bytes] = [found.file.header, found.bytes].map(part => Buffer.from(part).toString('latin1'))
    return [found.file.name, header, bytes]
  })
}

test('which outcomes are kept, and which apart', () => {
  const rejectOf = createRejects([file('a.csv', 'id')])
  const names = outcomeNames.map(outcome => [outcome, rejectOf(bad('a.csv', 'x', { outcome }))?.file.name])
  expect(Object.fromEntries(names)).toEqual({
    verified: undefined,
    unverifiable: undefined,
    mismatched: undefined,
    rejected: 'rejects.csv',
    invalid: 'rejects.csv',
    unknown: 'unknown.csv',
    held: 'rejects.csv',
    unchanged: undefined,
    not_sent: 'rejects.csv',
  })
})

describe('a CSV record', () => {
  test('is kept byte for byte under the header of its own file', () => {
    const header = 'id;"na\nme"\r'
    const raw = Buffer.from('1;"quoted\r\nnewline";caf\xe9;"";\r', 'latin1')
    expect(kept([file('a.csv', header)], bad('a.csv', raw))).toEqual([
      ['rejects.csv', 'id;"na\nme"\r\n', '1;"quoted\r\nnewline";caf\xe9;"";\r\n'],
    ])
  })

  test('of a file with another header goes to another file', () => {
    const files = [file('a.csv', 'id,plan'), file('b.csv', 'id,age'), file('c.csv', 'id,plan')]
    const unknown = bad('b.csv', '4,4', { outcome: 'unknown' })
    expect(kept(files, bad('a.csv', '1,x'), bad('b.csv', '2,2'), bad('c.csv', '3,x'), unknown)).toEqual([
      ['rejects.csv', 'id,plan\n', '1,x\n'],
      ['rejects-2.csv', 'id,age\n', '2,2\n'],
      ['rejects.csv', 'id,plan\n', '3,x\n'],
      ['unknown-2.csv', 'id,age\n', '4,4\n'],
    ])
  })
})

describe('a JSON record', () => {
  test('is kept as it is where it stands on one line', () => {
    const raw = '{ "a" : 1, "b":"x\\ny" }'
    expect(kept([file('a.ndjson', null)], bad('a.ndjson', raw))).toEqual([['rejects.ndjson', '', `${raw}\n`]])
  })

  test('that stood on several lines is the same record on one', () => {
    const raw = '{\r\n  "a": "caf\u00e9",\n  "b": [1,\n 2]\n}'
    const [found] = kept([file('a.json', null)], bad('a.json', raw))
    const line = Buffer.from(found?.[2] ?? '', 'latin1').toString()
    expect(line.trimEnd()).not.toMatch(/[\r\n]/)
    expect(line.endsWith('}\n')).toBe(true)
    expect(JSON.parse(line)).toEqual(JSON.parse(raw))
  })

  test('goes beside the CSV ones, never among them', () => {
    const files = [file('a.ndjson', null), file('b.csv', 'id')]
    const names = kept(files, bad('a.ndjson', '{}'), bad('b.csv', '1')).map(found => found?.[0])
    expect(names).toEqual(['rejects.ndjson', 'rejects.csv'])
  })
})

test('nothing is made up where the record is not known', () => {
  expect(kept([file('a.csv', 'id')], bad('a.csv', '', { raw: null }), bad('other.csv', 'x'))).toEqual([
    null,
    null,
  ])
})
