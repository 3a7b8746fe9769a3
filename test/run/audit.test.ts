import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import type { AuditOptions } from '../../src/index.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { toDoLines } from '../../src/report/to-do.ts'
import { auditsIn } from '../support/audits.ts'
import { readOnlyHost, write } from '../support/read-only-host.ts'
import { readCsv, temporaryFolder } from '../support/run-folder.ts'

const { file, auditFiles, auditRows } = auditsIn(temporaryFolder())

const time = '2024-05-06T07:08:09Z'
const event = (external_id: string, more: JsonObject = {}) => ({
  external_id,
  name: 'visited',
  time,
  ...more,
})
const purchase = (external_id: string, quantity: number) => {
  return { external_id, product_id: 'caixa 箱', time, price: 2, currency: 'EUR', quantity }
}

describe('users', () => {
  const alias = { alias_name: 'joão', alias_label: 'loja' }

  test('exist or not, by every kind of identifier; nothing is written', async () => {
    const host = await readOnlyHost()
    await write(host.sandbox, {
      attributes: [
        { external_id: '雪', plan: 'gold' },
        { user_alias: alias, _update_existing_only: false, plan: 'gold' },
        { email: 'ana@example.com', plan: 'gold' },
        { phone: '+34600111222', plan: 'gold' },
      ],
    })
    const braze_id = host.sandbox.profiles()[0]?.braze_id ?? ''
    const there: JsonObject[] = [
      { external_id: '雪' },
      { user_alias: alias },
      { email: 'Ana@example.com' },
      { phone: '+34 600 111 222' },
      { braze_id },
    ]
    const missing: JsonObject[] = [
      { external_id: '雨' },
      { user_alias: { ...alias, alias_label: 'tienda' } },
      { email: 'an@example.com' },
      { phone: '+34600111223' },
      { braze_id: 'none' },
    ]
    const rows = [...there, ...missing].map(body => ({ ...body, plan: 'gold' }))
    const { folder, summary } = await auditRows(host, rows)
    const outcomes = readCsv(join(folder, 'rows.csv')).map(({ outcome, reason }) => `${outcome} ${reason}`)
    expect(outcomes).toEqual([
      ...there.map(() => 'verified '),
      ...missing.map(() => 'mismatched user_not_found'),
    ])
    expect(summary).toMatchObject({
      mode: 'audit',
      exitCode: 1,
      requests: { sent: 0 },
      lookups: { users: 10 },
    })
    expect(host.refused).toEqual([])
  })

  test('who are missing differ even where the row asks for nothing else', async () => {
    const host = await readOnlyHost()
    const { folder, summary } = await auditRows(host, [{ external_id: 'u' }], { kind: 'attributes' })
    expect(summary.exitCode).toBe(1)
    expect(readCsv(join(folder, 'rows.csv'))[0]).toMatchObject({
      outcome: 'mismatched',
      message: 'no profile has this identifier',
    })
  })
})

describe('values', () => {
  test('equal, equivalent or different, custom and standard', async () => {
    const host = await readOnlyHost()
    await write(host.sandbox, {
      attributes: [
        {
          external_id: 'u',
          plan: 'gold',
          tags: ['a', 'b'],
          born: '2001-02-03T00:00:00Z',
          points: 3,
          first_name: 'Ana',
          country: 'ES',
          email: 'ana@example.com',
          home_city: 'Lugo',
        },
      ],
    })
    const asked = {
      external_id: 'u',
      plan: 'gold',
      tags: ['b', 'a'],
      born: '2001-02-03',
      points: 4,
      gone: 'x',
      none: null,
      first_name: 'Ana',
      country: 'Spain',
      email: 'ANA@example.com',
      home_city: 'Vigo',
      last_name: '',
      subscription_groups: [],
    }
    const { folder, summary } = await auditRows(host, [asked])
    expect(reasonsIn(folder)).toEqual({
      plan: 'exact',
      tags: 'array_order_only',
      born: 'date_utc_assumed',
      points: 'unexplained',
      gone: 'key_missing',
      none: 'null_removed',
      first_name: 'exact',
      country: 'country_form',
      email: 'email_form',
      home_city: 'unexplained',
      last_name: 'empty_as_absent',
      subscription_groups: 'not_exported',
    })
    expect(summary).toMatchObject({ objects: { mismatched: 1 }, exitCode: 1 })
  })

  test('that a later row of the user sets anew, in another file too, do not differ', async () => {
    const host = await readOnlyHost()
    await write(host.sandbox, { attributes: [{ external_id: 'u', plan: 'gold', first_name: 'Ana', age: 3 }] })
    const first = file('csv', 'external_id,plan,first_name,age:integer\nu,basic,Eva,2\nu,silver,,3\n')
    const second = file(
      'ndjson',
      `${JSON.stringify({ external_id: 'u', plan: 'gold', first_name: 'Ana' })}\n`,
    )
    const { folder, summary } = await auditFiles(host, { files: [first, second] })
    expect(readCsv(join(folder, 'values.csv')).map(({ reason }) => reason)).toEqual([
      'overwritten',
      'overwritten',
      'overwritten',
      'overwritten',
      'exact',
      'exact',
      'exact',
    ])
    expect(summary).toMatchObject({ exitCode: 0, objects: { verified: 2, unverifiable: 1 } })
    // The last row is not set anew by anything.
    await write(host.sandbox, { attributes: [{ external_id: 'u', plan: 'none' }] })
    expect((await auditFiles(host, { files: [first, second] })).summary.exitCode).toBe(1)
  })
})

describe('events and purchases', () => {
  test.each([
    [2, 'verified', 'occurrence_listed', 0],
    [3, 'verified', 'occurrence_listed', 0],
    [1, 'mismatched', 'count_short', 1],
    [0, 'mismatched', 'count_short', 1],
  ])('%i in the profile, two in the files', async (times, outcome, reason, exitCode) => {
    const host = await readOnlyHost()
    await write(host.sandbox, { attributes: [{ external_id: 'u', plan: 'x' }] })
    if (times > 0) await write(host.sandbox, { events: Array.from({ length: times }, () => event('u')) })
    const files = [1, 2].map(() =>
      file('ndjson', `${JSON.stringify(event('u', { properties: { a: 1 } }))}\n`),
    )
    const { folder, summary } = await auditFiles(host, { files })
    const found = readCsv(join(folder, 'rows.csv')).map(row => row['outcome'])
    expect(found).toEqual([outcome, outcome])
    expect(reasonsIn(folder)).toMatchObject({ name: reason, 'properties.a': 'not_exported' })
    expect(summary.exitCode).toBe(exitCode)
  })

  test.each([
    [7, 0],
    [8, 0],
    [6, 1],
  ])('%i pieces in the profile, seven in the files', async (quantity, exitCode) => {
    const host = await readOnlyHost()
    await write(host.sandbox, { purchases: [purchase('u', quantity)] })
    const { folder, summary } = await auditRows(host, [purchase('u', 3), purchase('u', 4)])
    expect(summary.exitCode).toBe(exitCode)
    expect(reasonsIn(folder)['product_id']).toBe(exitCode === 0 ? 'occurrence_listed' : 'count_short')
  })
})

describe('the same files as an import', () => {
  test('a mapping, invalid rows, a pipe; rows.csv has a line for each', async () => {
    const host = await readOnlyHost()
    await write(host.sandbox, { attributes: [{ external_id: 'u1', tier: 'gold' }] })
    const text = 'customerID,plan\nu1,gold\n,gold\nu2,gold\n'
    const mapping = {
      kind: 'attributes' as const,
      id: { external_id: 'customerID' },
      columns: { plan: { to: 'tier' } },
    }
    const stream = { name: 'stdin', stream: Readable.from([Buffer.from(text)]) }
    const { folder, summary, files } = await auditFiles(host, { files: [stream], mapping })
    expect(readCsv(join(folder, 'rows.csv')).map(({ outcome }) => outcome)).toEqual([
      'verified',
      'invalid',
      'mismatched',
    ])
    expect(summary).toMatchObject({
      exitCode: 1,
      objects: { total: 3, verified: 1, invalid: 1, mismatched: 1 },
    })
    expect(files).toContain('rejects.csv')
    expect(toDoLines(summary, files).join('\n')).toBe(
      [
        '  to do     values.csv has the values of 1 row beside what the profile holds',
        '            rejects.csv has 1 row: fix it, then audit the file',
      ].join('\n'),
    )
  })
})

describe('8,000 rows', () => {
  test('cost as many lookups as their users fill, whatever fields their rows have, and at most 5,000 wait', async () => {
    const host = await readOnlyHost()
    const rows = Array.from({ length: 8000 }, (_, i) => {
      const external_id = `u${Math.floor(i / 2)}`
      return i % 4 === 0 ? { external_id, plan: 'x' } : { external_id, first_name: 'Ana' }
    })
    let most = 0
    const onProgress: AuditOptions['onProgress'] = ({ waitingForLookup }) => {
      most = Math.max(most, waitingForLookup)
    }
    const { summary } = await auditRows(host, rows, { onProgress })
    expect(summary.objects).toMatchObject({ total: 8000, mismatched: 8000 })
    expect(summary.lookups).toEqual({ requests: 80, users: 4000, failed: 0, settled: 8000 })
    expect(host.lookups).toHaveLength(80)
    expect(most).toBeGreaterThan(1000)
    expect(most).toBeLessThanOrEqual(5000)
  })
})

/** Of each field the reason of its last value. */
function reasonsIn(folder: string): Record<string, string> {
  return Object.fromEntries(
    readCsv(join(folder, 'values.csv')).map(({ field = '', reason = '' }) => [field, reason]),
  )
}
