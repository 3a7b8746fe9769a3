import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  createSandbox,
  importFiles,
  type ImportOptions,
  resume,
  type SandboxOptions,
  type Stop,
} from '../../src/index.ts'
import { noExports } from '../support/looks.ts'
import { temporaryFolder } from '../support/run-folder.ts'

const cwd = temporaryFolder()
let made = 0

const refusing: SandboxOptions = { faults: [{ kind: 'refuse', status: 400 }] }
const silent: SandboxOptions = { faults: [{ kind: 'cut_after' }] }
const users = (count: number) => Array.from({ length: count }, (_, i) => `u${i},gold\n`).join('')

describe('a run whose last row has ended is over, also where that row', () => {
  test.each<[string, string, SandboxOptions, Partial<ImportOptions>, number]>([
    ['is the first error, and one is too many', users(1), refusing, { maxErrors: 1 }, 1],
    ['is an error of a run that may have none', users(1), refusing, { maxErrors: 0 }, 1],
    ['reaches a share of all rows', users(2), refusing, { maxErrors: { percent: 100 }, concurrency: 1 }, 1],
    [
      'was in flight when another reached the budget',
      users(5),
      refusing,
      { maxErrors: 3, concurrency: 5 },
      1,
    ],
    ['has invalid ones behind it', `${users(1)},x\n,x\n,x\n`, refusing, { maxErrors: 4 }, 1],
    ['stands behind invalid ones', `,x\n,x\n${users(1)}`, refusing, { maxErrors: 3 }, 1],
    ['is invalid, as all are', ',x\n,x\n', {}, { maxErrors: 1 }, 1],
    ['gets no answer', users(1), silent, { maxErrors: 1, replay: 'none' }, 4],
    ['gets no answer, and may not be repeated', users(1), silent, { maxRetries: 0, replay: 'none' }, 4],
  ])('%s', async (_, rows, host, more, exitCode) => {
    const { options } = await scene(rows, host)
    const { summary, facts } = await importFiles({ ...options, ...more })
    expect([summary.status, summary.exitCode, facts.stop]).toEqual(['finished', exitCode, null])
    expect(summary.objects.notSent).toBe(0)
  })

  test('was in flight when somebody stopped the run', async () => {
    const stop = new AbortController()
    const onCall = () => stop.abort({ exit: 'terminated', message: 'Terminated.' } satisfies Stop)
    const { options } = await scene(users(1), { onCall })
    const { summary } = await importFiles({ ...options, stop })
    expect(summary).toMatchObject({ status: 'finished', exitCode: 0 })
  })

  test('ended in a process that was killed before it could say so', async () => {
    const { options, sandbox } = await scene(users(3), refusing)
    const { folder } = await importFiles({ ...options, maxErrors: 4 })
    const path = join(folder, 'journal.ndjson')
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
    writeFileSync(path, `${lines.slice(0, -1).join('\n')}\n`)
    const { summary } = await resume(folder, { ...options, maxErrors: 1 })
    expect(summary).toMatchObject({ status: 'finished', exitCode: 1 })
    expect(sandbox.calls()).toHaveLength(3)
  })
})

describe('a run with rows left is stopped by its budget, and resumes with the one that it is told', () => {
  test.each<[string, Partial<ImportOptions>]>([
    ['a number', { maxErrors: 1, concurrency: 1 }],
    ['a share', { maxErrors: { percent: 10 }, concurrency: 1 }],
    ['one that is overdrawn by what was in flight', { maxErrors: 2, concurrency: 8 }],
  ])('%s', async (_, more) => {
    const { options, sandbox } = await scene(users(40), refusing)
    let { folder, summary, facts } = await importFiles({ ...options, ...more })
    expect([summary.status, summary.exitCode]).toEqual(['stopped', 3])
    for (let i = 0; i < 2; i++) {
      const before = sandbox.calls().length
      const maxErrors = Number(facts.stop?.resumeWith?.['max-errors'])
      ;({ folder, summary, facts } = await resume(folder, { ...options, ...more, maxErrors }))
      expect(sandbox.calls().length).toBeGreaterThan(before)
    }
  })

  test('spent by invalid rows alone, it says so, and what lets the others leave', async () => {
    const { options, sandbox } = await scene(`,x\n,x\n,x\n${users(2)}`)
    const first = await importFiles({ ...options, maxErrors: 3 })
    expect(first.facts.stop).toMatchObject({
      message: '3 rows are invalid; the error budget is 3.',
      resumeWith: { 'max-errors': '6' },
    })
    expect(sandbox.calls()).toEqual([])
    const { summary } = await resume(first.folder, { ...options, maxErrors: 6 })
    expect(summary).toMatchObject({ status: 'finished', exitCode: 1, objects: { verified: 2, invalid: 3 } })
  })

  test('a budget of repeats that the last row spends leaves that row, and a resume sends it', async () => {
    const [well, ill] = [
      await scene(users(1)),
      await scene(users(1), { faults: [{ kind: 'refuse', status: 503 }] }),
    ]
    const more = { target: 'one', maxRetries: 0 }
    const first = await importFiles({ ...ill.options, ...more })
    expect(first.summary).toMatchObject({ status: 'stopped', exitCode: 3 })
    const { summary } = await resume(first.folder, { ...more, url: well.options.url, key: 'k', rate: 'off' })
    expect(summary).toMatchObject({ status: 'finished', exitCode: 0 })
  })
})

async function scene(rows: string, host: SandboxOptions = {}) {
  const faults = [...(host.faults ?? []), noExports]
  const sandbox = await createSandbox({ limit: 'off', ...host, faults })
  onTestFinished(() => sandbox.close())
  const file = join(cwd, `${++made}.csv`)
  writeFileSync(file, `external_id,plan\n${rows}`)
  const options: ImportOptions = {
    files: [file],
    url: sandbox.url,
    key: 'k',
    rate: 'off',
    runsDir: join(cwd, 'reports'),
    runId: String(made),
  }
  return { sandbox, options }
}
