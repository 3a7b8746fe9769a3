import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { audit, type AuditOptions, type Receipt, report, summaryText } from '../../src/index.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { toDoLines } from '../../src/report/to-do.ts'
import { hastyClock } from '../support/hasty-clock.ts'
import { readOnlyHost, type ReadOnlyHost, write } from '../support/read-only-host.ts'
import { readCsv, readEntries, readFiles, temporaryFolder } from '../support/run-folder.ts'

const cwd = temporaryFolder()
let made = 0

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
    const [{ braze_id = '' } = {}] = host.sandbox.profiles()
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
          ...{ plan: 'gold', tags: ['a', 'b'], born: '2001-02-03T00:00:00Z', points: 3 },
          ...{ first_name: 'Ana', country: 'ES', email: 'ana@example.com', home_city: 'Lugo' },
        },
      ],
    })
    const asked = {
      external_id: 'u',
      ...{ plan: 'gold', tags: ['b', 'a'], born: '2001-02-03', points: 4, gone: 'x', none: null },
      ...{ first_name: 'Ana', country: 'Spain', email: 'ANA@example.com', home_city: 'Vigo', last_name: '' },
      subscription_groups: [],
    }
    const { folder, summary } = await auditRows(host, [asked])
    expect(reasonsIn(folder)).toEqual({
      ...{ plan: 'exact', tags: 'array_order_only', born: 'date_utc_assumed', points: 'unexplained' },
      ...{ gone: 'key_missing', none: 'null_removed', first_name: 'exact', country: 'country_form' },
      ...{ email: 'email_form', home_city: 'unexplained', last_name: 'empty_as_absent' },
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
      ...['overwritten', 'overwritten', 'overwritten'],
      ...['overwritten', 'exact'],
      ...['exact', 'exact'],
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
      ...['verified', 'invalid', 'mismatched'],
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

describe('20,000 rows', () => {
  test('cost as many lookups as their users fill, whatever fields their rows have, and at most 5,000 wait', async () => {
    const host = await readOnlyHost()
    const rows = Array.from({ length: 20_000 }, (_, i) => {
      const external_id = `u${Math.floor(i / 2)}`
      return i % 4 === 0 ? { external_id, plan: 'x' } : { external_id, first_name: 'Ana' }
    })
    let most = 0
    const onProgress: AuditOptions['onProgress'] = ({ waitingForLookup }) => {
      most = Math.max(most, waitingForLookup)
    }
    const { summary } = await auditRows(host, rows, { onProgress })
    expect(summary.objects).toMatchObject({ total: 20_000, mismatched: 20_000 })
    expect(summary.lookups).toEqual({ requests: 200, users: 10_000, failed: 0, settled: 20_000 })
    expect(host.lookups).toHaveLength(200)
    expect(most).toBeGreaterThan(1000)
    expect(most).toBeLessThanOrEqual(5000)
  })
})

describe('an audit that is stopped', () => {
  test('in the middle: every row has a line, and nothing is resumed', async () => {
    const host = await readOnlyHost()
    const stop = new AbortController()
    const onProgress: AuditOptions['onProgress'] = ({ ended }) => {
      if (ended === 100) stop.abort({ exit: 'interrupted', message: 'Interrupted.' })
    }
    const { folder, summary, facts } = await auditRows(host, plans(7000), { stop, onProgress })
    const { mismatched, notSent, total } = summary.objects
    expect(summary).toMatchObject({ status: 'interrupted', exitCode: 130 })
    expect(total).toBe(7000)
    expect(mismatched + notSent).toBe(7000)
    expect(notSent).toBeGreaterThan(1000)
    const rows = readCsv(join(folder, 'rows.csv'))
    expect(rows.map(({ row }) => Number(row))).toEqual(plans(7000).map((_, i) => i + 1))
    expect(rows.at(-1)).toMatchObject({ outcome: 'not_sent', message: 'Interrupted.' })
    expect(facts.isAudit).toBe(true)
  })

  test('before anything was read, too', async () => {
    const host = await readOnlyHost()
    const stop = new AbortController()
    const { folder, summary } = await auditRows(host, plans(3), { stop, onStart: () => stop.abort() })
    expect(summary).toMatchObject({
      exitCode: 130,
      objects: { total: 3, notSent: 3 },
      lookups: { requests: 0 },
    })
    expect(readCsv(join(folder, 'rows.csv'))).toHaveLength(3)
  })

  test('by a key that may not read profiles: exit 5, and a word about the permission', async () => {
    const host = await readOnlyHost()
    host.fails = () => 403
    const { folder, summary, facts } = await auditRows(host, plans(3))
    expect(summary).toMatchObject({
      status: 'stopped',
      exitCode: 5,
      objects: { notSent: 3 },
      lookups: { failed: 1 },
    })
    expect(facts.stop?.message).toMatch(
      /responded with 403: the key lacks the permission\..* users\.export\.ids/,
    )
    expect(facts.stop?.next).toBe(
      'Give the key the permission users.export.ids, or compare with an export on disk: --against.',
    )
    expect(readCsv(join(folder, 'rows.csv'))[0]?.['message']).toContain('403')
  })

  test('by input that changes while it is compared', async () => {
    const host = await readOnlyHost()
    const path = file('csv', 'external_id,plan\nu1,x\nu2,x\n')
    const onStart = () => writeFileSync(path, 'external_id,plan\nu1,x\n')
    const { summary, facts } = await auditFiles(host, { files: [path], onStart })
    expect(facts.stop?.message).toMatch('was truncated')
    expect(summary).toMatchObject({ status: 'stopped', exitCode: 3, objects: { total: 2, notSent: 2 } })
  })
})

describe('profiles that cannot be read', () => {
  test('leave their rows unknown, and only those: exit 4', async () => {
    const host = await readOnlyHost()
    host.fails = body => (body['email_address'] === undefined ? undefined : 500)
    const rows = [...plans(50), { email: 'ana@example.com', plan: 'x' }]
    const { folder, summary, files } = await auditRows(host, rows, {}, hastyClock())
    expect(summary).toMatchObject({ exitCode: 4, objects: { total: 51, unknown: 1, mismatched: 50 } })
    expect(summary.lookups).toEqual({ requests: 8, users: 50, failed: 7, settled: 51 })
    const failed = readCsv(join(folder, 'rows.csv')).filter(({ outcome }) => outcome === 'unknown')
    expect(failed[0]).toMatchObject({ reason: 'lookup_failed', http_status: '', attempts: '0' })
    expect(failed[0]?.['message']).toContain('responded with 500')
    expect(summary.reasons).toMatchObject({ lookup_failed: 1 })
    expect(files).toContain('unknown.ndjson')
    expect(toDoLines(summary, files).join('\n')).toMatch(/could not be read; audit the\s+file/)
  })

  test('too many of them in a row stop it: trying each would take days', async () => {
    const host = await readOnlyHost()
    host.fails = () => 500
    const { summary, facts } = await auditRows(host, plans(3000), {}, hastyClock())
    const { unknown, notSent } = summary.objects
    expect(summary).toMatchObject({ status: 'stopped', exitCode: 3 })
    expect(unknown + notSent).toBe(3000)
    expect(unknown).toBeGreaterThanOrEqual(1000)
    expect(notSent).toBeGreaterThan(1000)
    expect(facts.stop?.message).toMatch(/^The profiles of 1000 rows in a row could not be read\. .*500/)
  })
})

describe('its report', () => {
  test('is rebuilt from the journal alone, and says nothing of sending', async () => {
    const host = await readOnlyHost()
    await write(host.sandbox, { attributes: [{ external_id: 'u1', plan: 'gold' }] })
    host.fails = body => (body['email_address'] === undefined ? undefined : 500)
    const rows = [
      { email: 'a@example.com', plan: 'x' },
      { external_id: 'u1', plan: 'gold' },
      ...plans(2),
      { plan: 1 },
    ]
    const receipt = await auditRows(host, rows, {}, hastyClock())
    const before = readFiles(receipt.folder)
    const again = await report(receipt.folder)
    expect(readFiles(receipt.folder)).toEqual(before)
    expect(again.summary).toEqual(receipt.summary)
    expectNoSending(again)
    const redacted = await report(receipt.folder, { redact: true })
    expectNoSending(redacted)
  })

  test('gives the figures of its lookups, and where values are not shown', async () => {
    const host = await readOnlyHost()
    await write(host.sandbox, { attributes: [{ external_id: 'u1', plan: 'gold' }] })
    const rows = [{ external_id: 'u1', plan: 'gold', subscription_groups: [] }]
    const { summary, facts } = await auditRows(host, rows)
    const text = summaryText(summary, facts)
    expect(text.split('\n')[0]).toBe(
      'Finished; the one value that could be compared is stored as requested (1 more',
    )
    expect(text).toContain('are not shown in profiles).')
    expect(text).toMatch(/^ {2}lookups {3}1 user looked up in 1 request; took /m)
    expect(text).toMatch(/, compared with\s+http:\/\/127\.0\.0\.1/)
  })

  test('has its lookups in the journal, and each object where it ended', async () => {
    const host = await readOnlyHost()
    const { folder } = await auditRows(host, plans(2))
    const entries = readEntries(folder)
    expect(entries.map(({ t }) => t)).toEqual(['run', 'planned', 'lookup', 'observed', 'observed', 'end'])
    expect(entries[0]).toMatchObject({ audits: true, limitPerMinute: null })
  })
})

/** Nothing was sent, so no text of a report may say so. */
function expectNoSending({ reportFolder, summary, facts, files }: Receipt): void {
  const page = readFiles(reportFolder)['report.html'] ?? ''
  const shown = page.replaceAll(/<(style|script)>[\s\S]*?<\/\1>/g, '').replaceAll(/<[^>]*>/g, ' ')
  const rows = readFiles(reportFolder)['rows.csv'] ?? ''
  const texts = [shown, rows, summaryText(summary, facts), toDoLines(summary, files).join('\n')].join('\n')
  expect(texts).not.toMatch(/\b(sent to|was sent|were sent|accepted|resume|requests +0)\b/i)
  expect(texts.replaceAll(/never sent, or were lost|No request was sent/g, '')).not.toMatch(/\bsend\b/i)
  expect(shown).not.toMatch(/Requests per minute|Response times|response/)
}

async function auditRows(
  host: ReadOnlyHost,
  rows: readonly JsonObject[],
  more: Partial<AuditOptions> = {},
  clock = hastyClock(),
): Promise<Receipt> {
  const path = file('ndjson', rows.map(row => `${JSON.stringify(row)}\n`).join(''))
  return await auditFiles(host, { files: [path], ...more }, clock)
}

async function auditFiles(host: ReadOnlyHost, options: AuditOptions, clock = hastyClock()): Promise<Receipt> {
  const where = { url: host.url, key: 'k', lookupRate: 'off', runsDir: join(cwd, 'runs') } as const
  const receipt = await audit({ ...where, ...options }, clock)
  expect(host.refused).toEqual([])
  return receipt
}

function file(ending: string, text: string): string {
  const path = join(cwd, `file ${++made}.${ending}`)
  writeFileSync(path, text)
  return path
}

/** Rows of users whom nobody knows. */
function plans(count: number): JsonObject[] {
  return Array.from({ length: count }, (_, i) => ({ external_id: `u${i}`, plan: 'x' }))
}

/** Of each field the reason of its last value. */
function reasonsIn(folder: string): Record<string, string> {
  return Object.fromEntries(
    readCsv(join(folder, 'values.csv')).map(({ field = '', reason = '' }) => [field, reason]),
  )
}
