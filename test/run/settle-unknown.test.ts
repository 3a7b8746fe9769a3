import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  createSandbox,
  type Fault,
  importFiles,
  type ImportOptions,
  resume,
  type SandboxOptions,
} from '../../src/index.ts'
import { hastyClock } from '../support/hasty-clock.ts'
import { writesTo } from '../support/looks.ts'
import { readCsv, readEntries, temporaryFolder } from '../support/run-folder.ts'

const cwd = temporaryFolder()
let made = 0

const event = (user: string, day: number) => ({
  external_id: user,
  name: 'opened',
  time: `2024-01-0${day}T00:00:00Z`,
})

/** The first run may not look, the resume may. */
const deniedAtFirst: Fault = { kind: 'refuse', status: 403, on: 'export', calls: [1] }

describe('a resume looks up what is unknown before anything else', () => {
  test('an event that was applied is judged, and not sent again', async () => {
    const rows = [event('u1', 1), event('u1', 2), event('u1', 3)]
    const { sandbox, first } = await scene(rows, [{ kind: 'cut_after', calls: [2] }, deniedAtFirst])
    const before = await first()
    expect(before.summary.objects).toMatchObject({ verified: 1, unknown: 1, held: 1 })
    const { summary, folder } = await resume(before.folder, { key: 'k', onlyUnknown: true }, hastyClock())
    expect(summary).toMatchObject({ status: 'finished', objects: { verified: 2, unknown: 0, held: 1 } })
    expect(writesTo(sandbox)).toHaveLength(2)
    expect(readCsv(join(folder, 'rows.csv'))[1]).toMatchObject({ outcome: 'verified', attempts: '1' })
  })

  test('one that was not applied is sent, and only that', async () => {
    const rows = [event('u1', 1), event('u1', 2), event('u1', 3)]
    const { sandbox, first } = await scene(rows, [{ kind: 'cut_before', calls: [2] }, deniedAtFirst])
    const before = await first()
    const { summary } = await resume(before.folder, { key: 'k', onlyUnknown: true }, hastyClock())
    expect(summary).toMatchObject({ status: 'finished', objects: { verified: 2, unknown: 0, held: 1 } })
    expect(writesTo(sandbox)).toHaveLength(3)
    expect(sandbox.profiles()[0]?.custom_events).toMatchObject([{ count: 2 }])
  })

  test('one of which nothing was known before stays unknown where it may be one of those counted', async () => {
    const rows = [event('u1', 2), event('u1', 3)]
    const { sandbox, first } = await scene(rows, [{ kind: 'cut_after', calls: [1] }, deniedAtFirst])
    // Somebody else has sent the same event, before and after.
    for (const day of [1, 4]) await writeTo(sandbox.url, event('u1', day))
    const before = await first({ afterUnknown: 'continue' })
    expect(before.summary.objects).toMatchObject({ unknown: 1 })
    const sent = writesTo(sandbox).length
    const { summary } = await resume(before.folder, { key: 'k', onlyUnknown: true }, hastyClock())
    expect(summary).toMatchObject({ exitCode: 4, objects: { unknown: 1 } })
    expect(writesTo(sandbox)).toHaveLength(sent)
  })

  test('what a later row has set anew is not undone', async () => {
    const rows = ['a', 'b', 'c'].map(plan => ({ external_id: 'u1', plan }))
    const { sandbox, first } = await scene(rows, [{ kind: 'cut_before', calls: [1] }, deniedAtFirst])
    const before = await first({ afterUnknown: 'continue', replay: 'none' })
    expect(before.summary.objects).toMatchObject({ unknown: 1, verified: 2 })
    const { summary } = await resume(before.folder, { key: 'k', onlyUnknown: true }, hastyClock())
    expect(sandbox.profiles()[0]?.custom_attributes).toEqual({ plan: 'c' })
    expect(summary.objects).toMatchObject({ unknown: 1, verified: 2 })
  })

  test('without anything unknown there is nothing to look up', async () => {
    const { first } = await scene([event('u1', 1)], [])
    const { folder } = await first()
    await expect(resume(folder, { key: 'k', onlyUnknown: true })).rejects.toMatchObject({
      code: 'run_finished',
    })
  })
})

test('a look that needs the permission stops with a clear word', async () => {
  const { first } = await scene(
    [event('u1', 1)],
    [
      { kind: 'cut_after', calls: [1] },
      { kind: 'refuse', status: 403, on: 'export' },
    ],
  )
  const { folder } = await first()
  const { summary, facts } = await resume(folder, { key: 'k', onlyUnknown: true }, hastyClock())
  expect([summary.exitCode, summary.objects.unknown]).toEqual([5, 1])
  expect(facts.stop?.message).toMatch(/users\.export\.ids/)
})

test('every look is in the journal, with its request', async () => {
  const { first } = await scene([event('u1', 1), event('u1', 2)], [{ kind: 'cut_before', calls: [2] }])
  const { folder, summary } = await first()
  expect(summary).toMatchObject({ exitCode: 0, lookups: { failed: 0 } })
  const entries = readEntries(folder)
  const looks = entries.filter(({ t }) => t === 'lookup')
  expect(looks.length).toBe(summary.lookups.requests)
  expect(looks[0]).toMatchObject({ users: 1, status: 201 })
  expect(entries.filter(({ t }) => t === 'observed')).toMatchObject([{ seq: 1, applied: false }])
})

async function writeTo(url: string, body: object): Promise<void> {
  await fetch(`${url}/users/track`, {
    method: 'POST',
    headers: { authorization: 'Bearer k', 'content-type': 'application/json' },
    body: JSON.stringify({ events: [body] }),
  })
}

/** Rows, a sandbox with faults, and a first run. */
async function scene(rows: object[], faults: Fault[], host: SandboxOptions = {}) {
  const sandbox = await createSandbox({ limit: 'off', exportLimit: 'off', faults, ...host })
  onTestFinished(() => sandbox.close())
  const file = join(cwd, `${++made}.ndjson`)
  mkdirSync(cwd, { recursive: true })
  writeFileSync(file, rows.map(row => `${JSON.stringify(row)}\n`).join(''))
  const options: ImportOptions = {
    files: [file],
    url: sandbox.url,
    key: 'k',
    rate: 'off',
    lookupRate: 'off',
    runsDir: join(cwd, 'runs'),
  }
  return {
    sandbox,
    first: async (more: Partial<ImportOptions> = {}) =>
      await importFiles({ ...options, ...more }, hastyClock()),
  }
}
