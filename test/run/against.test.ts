import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import {
  audit,
  type AuditOptions,
  auditRun,
  importFiles,
  type Receipt,
  report,
  summaryText,
} from '../../src/index.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { linesOf, responseOf } from '../lookup/exports.ts'
import { readOnlyHost } from '../support/read-only-host.ts'
import { readCsv, readEntries, temporaryFolder } from '../support/run-folder.ts'

const cwd = temporaryFolder()
let made = 0

const time = '2024-05-06T07:08:09.000Z'
/** An export is as old as its file. */
const exportedAt = new Date('2024-05-07T00:00:00.000Z')
const users: JsonObject[] = [
  {
    external_id: 'u1',
    first_name: 'João',
    custom_attributes: { plan: 'gold' },
    custom_events: [{ name: 'visited', first: time, last: time, count: 2 }],
    user_aliases: [{ alias_name: 'n', alias_label: 'l' }],
  },
  { external_id: 'u2', custom_attributes: { plan: 'silver' } },
]
const rows: JsonObject[] = [
  { external_id: 'u1', plan: 'gold', first_name: 'João' },
  { external_id: 'u2', plan: 'gold', first_name: 'Ana' },
  { external_id: 'u3', plan: 'gold' },
  { external_id: 'u1', name: 'visited', time },
  { external_id: 'u2', name: 'visited', time },
  { user_alias: { alias_name: 'n', alias_label: 'l' }, plan: 'gold' },
]
const found = [
  'verified ',
  'mismatched unexplained',
  'mismatched user_not_found',
  'verified ',
  'mismatched count_short',
]

describe('an export on disk', () => {
  test.each<[string, Record<string, string | Uint8Array>]>([
    ['lines of a segment export', { 'export.txt': linesOf(users) }],
    ['a saved response', { 'response.json': responseOf(users, 2) }],
    [
      'several files, one of them packed',
      { 'a.ndjson': linesOf(users.slice(1)), 'b.ndjson.gz': gzipSync(linesOf(users.slice(0, 1))) },
    ],
  ])('is compared with as profiles are, without any request: %s', async (_name, files) => {
    const host = await readOnlyHost()
    const { against, folder, summary, facts } = await auditAgainst(files)
    expect(outcomesIn(folder)).toEqual([...found, 'verified '])
    expect(summary).toMatchObject({ mode: 'audit', target: against.join(', '), exitCode: 1 })
    expect(summary.lookups).toEqual({ requests: 0, users: 2, failed: 0, settled: 6 })
    expect(summaryText(summary, facts)).toMatch(/^ {2}export {4}2 users; took /m)
    expect([...host.lookups, ...host.refused]).toEqual([])
    // What the index took is gone.
    expect(readdirSync(folder).filter(name => name.startsWith('export-'))).toEqual([])
    expect((await report(folder)).summary).toEqual(summary)
  })

  test('need not show what is older than the 90 days of a segment export', async () => {
    const old = { external_id: 'u1', name: 'bought', time: '2024-02-01T00:00:00.000Z' }
    const young = { ...old, time: '2024-03-01T00:00:00.000Z' }
    const text = linesOf(users)
    const { folder } = await auditAgainst({ 'export.ndjson': text }, {}, [old, young])
    expect(outcomesIn(folder)).toEqual(['unverifiable not_in_export', 'mismatched count_short'])
  })

  test('with broken records hides no other user, and says so once, in figures and in the journal', async () => {
    const text = `{"external_id":\n${linesOf(users)}"text"\n{"no":"user"}\n`
    const { against, folder, summary, facts } = await auditAgainst({ 'export.ndjson': text })
    expect(outcomesIn(folder)).toEqual([...found, 'verified '])
    expect(summary.lookups).toMatchObject({ users: 2, failed: 3 })
    expect(facts.exported).toMatchObject({ users: 2, unusable: 3 })
    expect(facts.exported?.problems.map(({ file: name, line }) => ({ file: name, line }))).toEqual(
      [1, 4, 5].map(line => ({ file: against[0], line })),
    )
    expect(readCsv(join(folder, 'rows.csv'))[2]?.['message']).toBe(
      'no user of the export has this identifier; 3 records cannot be used, and the user may be in one of them',
    )
    expect(readEntries(folder).filter(({ t }) => t === 'export')).toHaveLength(1)
    expect(summaryText(summary, facts)).toContain('  export    2 users, 3 records that cannot be used; took')
    expect((await report(folder)).facts.exported).toEqual(facts.exported)
  })

  test('that was made with fewer fields says nothing of the others', async () => {
    const few = users.map(({ external_id, first_name = null }) => ({
      external_id: external_id ?? null,
      first_name,
    }))
    const { folder, summary } = await auditAgainst({ 'export.ndjson': linesOf(few) })
    const unseen = 'unverifiable not_in_export'
    expect(outcomesIn(folder)).toEqual([...found.slice(0, 3), unseen, unseen, unseen])
    expect(summary.reasons).toMatchObject({ not_in_export: 7, user_not_found: 1, unexplained: 1, exact: 1 })
    const values = readCsv(join(folder, 'values.csv')).filter(({ reason }) => reason === 'not_in_export')
    expect(values.every(({ returned, verdict }) => returned === '' && verdict === 'unverifiable')).toBe(true)
  })

  test('that found nobody has nobody', async () => {
    const { summary } = await auditAgainst({ 'response.json': responseOf([]) })
    expect(summary.reasons).toEqual({ user_not_found: summary.values.total })
  })

  test('can be what an earlier run is compared with', async () => {
    const { sandbox } = await readOnlyHost()
    const files = [file('rows.ndjson', linesOf(rows))]
    const where = { url: sandbox.url, key: 'k', runsDir: join(cwd, 'runs') }
    const { folder } = await importFiles({ files, ...where, rate: 'off' })
    const { summary, comparison } = await auditRun(folder, {
      against: [file('export.ndjson', linesOf(users))],
      runsDir: join(cwd, 'runs'),
    })
    expect(summary.objects).toMatchObject({ total: 6, verified: 3, mismatched: 3 })
    expect(comparison?.changes.newlyDifferent).toBeGreaterThan(0)
  })
})

describe('no run is left behind by', () => {
  test.each([
    ['a file that is not there', {}, 'file_not_found'],
    ['a file that is no export', { 'export.ndjson': '{"a":1}\n' }, 'export_without_users'],
    ['CSV', { 'export.csv': 'external_id,plan\nu1,x\n' }, 'export_without_users'],
  ])('%s', async (_name, files, code) => {
    const runsDir = join(cwd, `runs-${++made}`)
    const against = Object.entries(files).map(([name, text]) => file(name, text))
    const named = against.length === 0 ? [join(cwd, 'nope.ndjson')] : against
    await expect(
      audit({ files: [file('rows.ndjson', linesOf(rows))], against: named, runsDir }),
    ).rejects.toMatchObject({ code })
    expect(existsSync(runsDir) ? readdirSync(runsDir) : []).toEqual([])
  })
})

test('stopped while the export is read, every row has a line', async () => {
  const stop = new AbortController()
  const onPlan = () => stop.abort({ exit: 'interrupted', message: 'Interrupted.' })
  const { folder, summary } = await auditAgainst({ 'export.ndjson': linesOf(users) }, { stop, onPlan })
  expect(summary).toMatchObject({ exitCode: 130, objects: { total: 6, notSent: 6 } })
  expect(readCsv(join(folder, 'rows.csv'))).toHaveLength(6)
})

test('a host, a key or a proxy beside it is a contradiction', async () => {
  const options = { files: [file('rows.ndjson', linesOf(rows))], against: [file('e.ndjson', linesOf(users))] }
  for (const more of [{ url: 'https://rest.test' }, { key: 'k' }, { proxy: 'http://127.0.0.1:9' }])
    await expect(audit({ ...options, ...more })).rejects.toMatchObject({
      code: 'settings_invalid',
      message: expect.stringContaining('an export on disk is compared without the API') as string,
    })
})

test('without it, a host and a key are needed', async () => {
  const files = [file('rows.ndjson', linesOf(rows))]
  await expect(audit({ files })).rejects.toMatchObject({ code: 'host_missing' })
  await expect(audit({ files, url: 'http://127.0.0.1:9' })).rejects.toMatchObject({ code: 'key_missing' })
})

async function auditAgainst(
  files: Record<string, string | Uint8Array>,
  more: Partial<AuditOptions> = {},
  asked = rows,
): Promise<Receipt & { against: string[] }> {
  const against = Object.entries(files).map(([name, content]) => file(name, content))
  const receipt = await audit({
    files: [file('rows.ndjson', linesOf(asked))],
    against,
    runsDir: join(cwd, 'runs'),
    ...more,
  })
  return { ...receipt, against }
}

function outcomesIn(folder: string): string[] {
  return readCsv(join(folder, 'rows.csv')).map(({ outcome, reason }) => `${outcome} ${reason}`)
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(cwd, `${++made}-${name}`)
  writeFileSync(path, content)
  utimesSync(path, exportedAt, exportedAt)
  return path
}
