import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import {
  auditRun,
  type AuditRunOptions,
  importFiles,
  type ImportOptions,
  resume,
  type Sandbox,
  summaryText,
  undo,
} from '../../src/index.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { linesOf } from '../lookup/exports.ts'
import { hastyClock } from '../support/hasty-clock.ts'
import { readOnlyHost, type ReadOnlyHost, write } from '../support/read-only-host.ts'
import { readCsv, temporaryFolder } from '../support/run-folder.ts'

const cwd = temporaryFolder()
const runsDir = join(cwd, 'runs')
let made = 0

const time = '2024-05-06T07:08:09.000Z'
const rows: JsonObject[] = [
  { external_id: 'u1', plan: 'gold', first_name: 'Ana' },
  { external_id: 'u1', plan: 'silver' },
  { external_id: '雪', plan: 'gold', note: 'x'.repeat(256) },
  { external_id: 'u1', name: 'visited', time },
  { plan: 'nobody' },
]

describe('a run compared with now', () => {
  test('has not drifted while nobody changes anything, and then by exactly what is changed', async () => {
    const host = await readOnlyHost()
    const { folder, summary: before } = await send(host.sandbox, rows)
    expect(before.exitCode).toBe(1)
    const same = await auditIt(host, folder)
    expect(outcomesIn(same.folder)).toEqual(['verified', 'verified', 'mismatched', 'verified', 'not_sent'])
    // What the run had to leave out was said by its own report, and is no drift.
    expect(same.comparison?.changes).toMatchObject({ newlyDifferent: 0, stillDifferent: 1 })
    expect(reasonsIn(same.folder).slice(0, 3)).toEqual([
      '1 plan overwritten',
      '1 first_name exact',
      '2 plan exact',
    ])
    expect(host.refused).toEqual([])

    await write(host.sandbox, { attributes: [{ external_id: 'u1', plan: 'none', first_name: 'Eva' }] })
    const drifted = await auditIt(host, folder)
    expect(drifted.comparison?.changes).toMatchObject({ newlyDifferent: 2, stillDifferent: 1 })
    const lines = readCsv(join(drifted.folder, 'compare.csv')).filter(
      ({ change }) => change === 'newly_different',
    )
    expect(lines.map(({ row, field, returned }) => `${row} ${field} ${returned}`)).toEqual([
      '1 first_name "Eva"',
      '2 plan "none"',
    ])
    expect(drifted.summary.exitCode).toBe(1)
    expect(basename(drifted.folder)).toMatch(/^\d{8}-\d{6}-audit-rows-/)
  })

  test('leaves out what the run did not store, which costs no exit code', async () => {
    const host = await readOnlyHost()
    const { folder } = await send(host.sandbox, [...rows.slice(0, 2), { plan: 'nobody' }])
    const { folder: audited, summary, facts } = await auditIt(host, folder)
    expect(summary).toMatchObject({ status: 'finished', exitCode: 0, objects: { verified: 2, notSent: 1 } })
    expect(readCsv(join(audited, 'rows.csv'))[2]).toMatchObject({
      outcome: 'not_sent',
      message: 'that run did not store it: invalid',
    })
    expect(summaryText(summary, facts).replaceAll('\n', ' ')).toContain(' 1 row was not compared.')
  })

  test('that stored nothing is refused: exit 0 would say that all is well', async () => {
    const host = await readOnlyHost()
    const { folder } = await send(host.sandbox, [{ plan: 'nobody' }])
    await expect(auditIt(host, folder)).rejects.toMatchObject({ code: 'run_stored_nothing' })
  })

  test('that was stopped is compared as far as it came', async () => {
    const host = await readOnlyHost()
    const stop = new AbortController()
    const onProgress: ImportOptions['onProgress'] = ({ ended }) => {
      if (ended >= 3) stop.abort()
    }
    const many = Array.from({ length: 30 }, (_, i) => ({ external_id: `u${i}`, plan: 'x' }))
    const { folder, summary: sent } = await send(host.sandbox, many, { stop, onProgress, concurrency: 1 })
    expect(sent.objects.notSent).toBeGreaterThan(20)
    const { summary } = await auditIt(host, folder)
    const { verified, notSent } = summary.objects
    expect(summary).toMatchObject({ status: 'finished', exitCode: 0 })
    expect({ verified, notSent }).toEqual({ verified: sent.objects.verified, notSent: sent.objects.notSent })
  })

  test('that left rows out as unchanged has those compared, too', async () => {
    const host = await readOnlyHost()
    const { folder: first } = await send(host.sandbox, rows.slice(0, 1))
    const { folder, summary: sent } = await send(host.sandbox, rows.slice(0, 1), { skipUnchanged: first })
    // The first name was not shown, but the plan was verified.
    expect(sent.objects.unchanged + sent.objects.verified).toBe(1)
    await write(host.sandbox, { attributes: [{ external_id: 'u1', plan: 'none' }] })
    expect((await auditIt(host, folder)).summary.objects).toMatchObject({ mismatched: 1, notSent: 0 })
  })

  test('that is an audit is compared once more', async () => {
    const host = await readOnlyHost()
    const { folder } = await send(host.sandbox, rows.slice(0, 2))
    const first = await auditIt(host, folder)
    await write(host.sandbox, { attributes: [{ external_id: 'u1', plan: 'none' }] })
    const second = await auditIt(host, first.folder)
    expect(second.comparison?.changes).toMatchObject({ newlyDifferent: 1 })
    expect(second.summary.objects).toMatchObject({ verified: 1, mismatched: 1 })
    const rejects = readFileSync(join(first.folder, 'values.csv'), 'utf8')
    expect(rejects).toContain('u1')
  })

  test('that is damaged is refused, for its files say more', async () => {
    const host = await readOnlyHost()
    const { folder } = await send(host.sandbox, rows.slice(0, 2))
    const path = join(folder, 'journal.ndjson')
    writeFileSync(path, readFileSync(path, 'utf8').replace('"plan":"silver"', '"plan":"copper"'))
    await expect(auditIt(host, folder)).rejects.toMatchObject({
      code: 'run_damaged',
      message: expect.stringMatching(
        /damaged at line \d+.*Which rows the run stored after that is not known/,
      ) as string,
      next: 'Audit the files of the run instead: all of their rows are compared.',
    })
  })

  test('of version 0.1 is compared like any other', async () => {
    const host = await readOnlyHost()
    const folder = join(cwd, `old-${++made}`)
    cpSync(fileURLToPath(new URL('../journal/version-1/finished', import.meta.url)), folder, {
      recursive: true,
    })
    const { summary } = await auditIt(host, folder)
    // Nobody is there.
    const { total, mismatched, notSent } = summary.objects
    expect(mismatched).toBeGreaterThan(0)
    expect(mismatched + notSent).toBe(total)
  })

  test('is judged by the readings of the run', async () => {
    const readings = { longString: 'truncate' } as const
    const host = await readOnlyHost({ readings })
    const long = [{ external_id: 'u1', note: 'x'.repeat(256) }]
    const { folder } = await send(host.sandbox, long, { readings })
    expect((await auditIt(host, folder)).summary.reasons).toEqual({ string_truncated: 1 })
  })
})

test('an audit is neither resumed nor undone', async () => {
  const host = await readOnlyHost()
  const { folder } = await send(host.sandbox, rows.slice(0, 2))
  const { folder: audited } = await auditIt(host, folder)
  const to = { url: host.url, key: 'k' }
  await expect(resume(audited, to)).rejects.toMatchObject({
    code: 'run_finished',
    message: expect.stringContaining('is an audit; there is nothing to resume. Start it again') as string,
  })
  await expect(undo(audited, to)).rejects.toMatchObject({
    message: expect.stringContaining('is an audit; it changed nothing') as string,
  })
  expect([...host.refused]).toEqual([])
})

test('options that say how to read files are no options of it', async () => {
  const host = await readOnlyHost()
  const { folder } = await send(host.sandbox, rows.slice(0, 1))
  const wrong = { kind: 'events' } as AuditRunOptions
  await expect(auditIt(host, folder, wrong)).rejects.toMatchObject({ code: 'settings_invalid' })
})

async function send(sandbox: Sandbox, bodies: readonly JsonObject[], more: Partial<ImportOptions> = {}) {
  const path = join(cwd, `rows-${++made}.ndjson`)
  writeFileSync(path, linesOf(bodies))
  const where = { files: [path], url: sandbox.url, key: 'k', runsDir }
  return await importFiles({ ...where, rate: 'off', lookupRate: 'off', ...more }, hastyClock())
}

async function auditIt(host: ReadOnlyHost, folder: string, more: AuditRunOptions = {}) {
  // The runs went to the sandbox behind this host, and are said to have gone to its own address.
  const where = { url: host.url, key: 'k', runsDir, lookupRate: 'off' } as const
  return await auditRun(folder, { ...where, ...more }, hastyClock())
}

function outcomesIn(folder: string): (string | undefined)[] {
  return readCsv(join(folder, 'rows.csv')).map(({ outcome }) => outcome)
}

function reasonsIn(folder: string): string[] {
  return readCsv(join(folder, 'values.csv')).map(({ row, field, reason }) => `${row} ${field} ${reason}`)
}
