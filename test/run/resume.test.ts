import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  createSandbox,
  importFiles,
  type ImportOptions,
  plan,
  type Receipt,
  report,
  resume,
  type ResumeOptions,
  type Sandbox,
  type SandboxOptions,
} from '../../src/index.ts'
import { noExports, writesTo } from '../support/looks.ts'
import { rewrite } from '../support/sealed.ts'
import { readCsv, readEntries, temporaryFolder } from '../support/run-folder.ts'

const cwd = temporaryFolder()
let made = 0

describe('a run that was stopped', () => {
  test('goes on where it was, and its receipt is that of one run', async () => {
    const { sandbox, options, file } = await scene(rows(60))
    const first = await stopAfter(20, options)
    expect(first.summary).toMatchObject({ status: 'interrupted', exitCode: 130 })
    const { verified, notSent } = first.summary.objects
    expect([verified >= 20, verified + notSent]).toEqual([true, 60])

    const second = await resume(first.folder, options)
    expect(second.summary).toMatchObject({ status: 'finished', exitCode: 0 })
    expect(second.summary.objects).toMatchObject({ total: 60, verified: 60, notSent: 0 })
    expect(second.summary.requests).toMatchObject({ sent: 60, answered: 60, retried: 0 })
    expect(second.facts.resumes).toBe(1)
    expect(writesTo(sandbox)).toHaveLength(60)
    const lines = readCsv(join(first.folder, 'rows.csv'))
    expect(lines.map(line => [line['file'], line['row']])).toEqual(
      Array.from({ length: 60 }, (_, i) => [file, String(i + 1)]),
    )
    expect(await report(first.folder)).toEqual(second)
  })

  test('can be stopped and resumed again and again', async () => {
    const { sandbox, options } = await scene(rows(50))
    let receipt = await stopAfter(10, options)
    for (let i = 0; i < 3; i++) {
      const { folder } = receipt
      receipt = await stopAfter(10, options, given => resume(folder, given))
    }
    receipt = await resume(receipt.folder, options)
    expect(receipt.summary.objects).toMatchObject({ total: 50, verified: 50 })
    expect(writesTo(sandbox)).toHaveLength(50)
    expect(receipt.facts.resumes).toBe(4)
  })

  test('goes on by its error budget as one run: it is spent until more is allowed', async () => {
    const bad = Array.from({ length: 30 }, (_, i) => `{"external_id":"u${i}","country_code":"x"}`)
    const { sandbox, options } = await scene(
      bad.join('\n'),
      { faults: [{ kind: 'refuse', status: 400 }] },
      'a.ndjson',
    )
    const first = await importFiles({ ...options, maxErrors: 10, concurrency: 1 })
    expect(first.summary).toMatchObject({ status: 'stopped', exitCode: 3 })
    const calls = writesTo(sandbox).length
    const same = await resume(first.folder, options)
    expect([same.summary.exitCode, writesTo(sandbox).length]).toEqual([3, calls])
    const more = await resume(first.folder, { ...options, maxErrors: 1000 })
    expect(more.summary).toMatchObject({ status: 'finished', exitCode: 1 })
    expect(more.summary.objects).toMatchObject({ total: 30, rejected: 30 })
    expect(writesTo(sandbox)).toHaveLength(30)
  })
})

describe('a process that was killed', () => {
  test('at any line of its journal, or in the middle of one, leaves a run that goes on', async () => {
    const { sandbox, options } = await scene(rows(12, 4))
    const whole = await importFiles({ ...options, concurrency: 3 })
    const journal = readFileSync(join(whole.folder, 'journal.ndjson'))
    const ends = [...journal.entries()].filter(([, byte]) => byte === 10).map(([at]) => at + 1)
    const cuts = ends
      .slice(0, -1)
      .flatMap((end, i) => [end, end + Math.floor(((ends[i + 1] ?? end) - end) / 2)])
    for (const cut of cuts) {
      const folder = copyOf(whole.folder, cut)
      const before = writesTo(sandbox).length
      const { summary } = await resume(folder, options)
      expect(summary.objects).toMatchObject({ total: 12, verified: 12 })
      const ended = journal.subarray(0, cut).toString().split('\n').slice(0, -1)
      const left = 12 - ended.filter(line => line.includes('"outcome"')).length
      expect(writesTo(sandbox).length - before).toBe(left)
      expect(readCsv(join(folder, 'rows.csv')).map(line => line['row'])).toEqual(
        Array.from({ length: 12 }, (_, i) => String(i + 1)),
      )
    }
  })

  test('while planning is started over', async () => {
    const { sandbox, options } = await scene(rows(5))
    const whole = await importFiles(options)
    const text = readFileSync(join(whole.folder, 'journal.ndjson'), 'utf8')
    const folder = copyOf(whole.folder, text.indexOf('\n') + 1)
    // Nothing was sent, so the input may be another by now.
    writeFileSync(whole.facts.inputs[0] ?? '', 'external_id,plan\nu9,gold\n')
    const { summary } = await resume(folder, options)
    expect(summary.objects).toMatchObject({ total: 1, verified: 1 })
    expect(writesTo(sandbox)).toHaveLength(6)
  })

  test('before it could tell what it was about leaves nothing to resume', async () => {
    const { options } = await scene(rows(5))
    const whole = await importFiles(options)
    await expect(resume(copyOf(whole.folder, 20), options)).rejects.toMatchObject({ code: 'run_unreadable' })
  })

  test('has a truthful report before anybody resumes it', async () => {
    const { options } = await scene(rows(8), {}, 'e.csv', 'events')
    const whole = await importFiles({ ...options, concurrency: 2 })
    const lines = readFileSync(join(whole.folder, 'journal.ndjson'), 'utf8').split('\n')
    const cut = lines.slice(0, lines.findIndex(line => line.includes('"t":"answered"')) + 1)
    const { summary, folder } = await report(copyOf(whole.folder, Buffer.byteLength(`${cut.join('\n')}\n`)))
    expect(summary).toMatchObject({ status: 'interrupted', exitCode: 130 })
    const { total, verified, unknown, notSent } = summary.objects
    expect([total, verified + unknown + notSent, verified]).toEqual([8, 8, 1])
    expect(readCsv(join(folder, 'unknown.csv'))).toHaveLength(unknown)
  })
})

test('a run that a bug of ours ended goes on all the same', async () => {
  const { sandbox, options } = await scene(rows(30))
  let folder = ''
  const broken: ImportOptions = {
    ...options,
    onStart: (_, where) => (folder = where),
    onProgress: ({ ended }) => {
      if (ended === 12) throw new Error('a bug')
    },
  }
  await expect(importFiles(broken)).rejects.toThrow('a bug')
  expect((await report(folder)).summary).toMatchObject({ status: 'interrupted', exitCode: 70 })
  const { summary } = await resume(folder, options)
  expect(summary.objects).toMatchObject({ total: 30, verified: 30 })
  expect(writesTo(sandbox)).toHaveLength(30)
})

describe('lost answers', () => {
  const lost: SandboxOptions = { faults: [{ kind: 'cut_after', calls: [2] }] }

  test('of events are not sent again, and what waits for them stays held', async () => {
    const { sandbox, options } = await scene(rows(6, 1), lost, 'e.csv', 'events')
    const first = await stopAfter(2, { ...options, concurrency: 1 })
    const second = await resume(first.folder, options)
    expect(second.summary.objects).toMatchObject({ total: 6, verified: 1, unknown: 1, held: 4 })
    expect([second.summary.exitCode, writesTo(sandbox).length]).toEqual([4, 2])
    const messages = readCsv(join(first.folder, 'rows.csv')).map(line => line['message'])
    expect(messages.slice(2)).toEqual(Array(4).fill(expect.stringContaining('waits for row 2')))
  })

  test('hold nobody where this process is told to go on', async () => {
    const { sandbox, options } = await scene(rows(6, 1), lost, 'e.csv', 'events')
    const first = await stopAfter(2, { ...options, concurrency: 1 })
    const second = await resume(first.folder, { ...options, afterUnknown: 'continue' })
    expect(second.summary.objects).toMatchObject({ total: 6, verified: 5, unknown: 1 })
    expect(writesTo(sandbox)).toHaveLength(6)
  })

  test('are sent again where that is asked for, and a double count is found', async () => {
    const { options } = await scene(rows(6, 1), lost, 'e.csv', 'events')
    const first = await stopAfter(2, { ...options, concurrency: 1 })
    const second = await resume(first.folder, { ...options, replay: 'all' })
    expect(second.summary.objects).toMatchObject({ total: 6, verified: 5, mismatched: 1 })
    expect(second.summary.reasons).toMatchObject({ possible_duplicate: 1, event_counted: 4 })
    expect(second.summary.requests).toMatchObject({ sent: 7, retried: 1 })
  })

  test('of attributes are sent again, but never over a newer value', async () => {
    const { sandbox, options } = await scene(rows(6, 1), { faults: [{ kind: 'cut_after', calls: [2] }] })
    const once = { ...options, concurrency: 1, replay: 'none' as const }
    const first = await stopAfter(4, { ...once, afterUnknown: 'continue' as const })
    expect(first.summary.objects).toMatchObject({ unknown: 1 })
    const second = await resume(first.folder, { ...options, replay: 'safe' })
    // Row 2 stays unknown: rows 3 and 4 have written the same since.
    expect(second.summary.objects).toMatchObject({ total: 6, verified: 5, unknown: 1 })
    expect(writesTo(sandbox)).toHaveLength(6)
    expect(readCsv(join(first.folder, 'rows.csv'))[1]?.['message']).toMatch(
      /row 3 of .* has written the same field since/,
    )
    expect(second.summary.overtaken).toBe(1)
  })
})

describe('counts of an earlier process', () => {
  test('are what the counts of this one are compared with', async () => {
    const { options } = await scene(rows(6, 1), {}, 'e.csv', 'events')
    const first = await stopAfter(3, { ...options, concurrency: 1 })
    const { summary } = await resume(first.folder, options)
    expect(summary.reasons).toMatchObject({ count_baseline_unknown: 1, event_counted: 5 })
  })
})

describe('a resume is refused', () => {
  test.each<[string, Partial<ImportOptions>]>([
    ['coalesce', { coalesce: true }],
    ['bodyForm', { bodyForm: 'object' }],
    ['kind', { kind: 'events' }],
    ['types', { types: 'text' }],
    ['updateExistingOnly', { updateExistingOnly: true }],
    ['mapping', { mapping: { columns: { plan: 'ignore' } } }],
    ['skipUnchanged', { skipUnchanged: 'elsewhere' }],
    ['runsDir', { runsDir: 'elsewhere' }],
  ])('where %s is to be another', async (field, more) => {
    const { sandbox, options } = await scene(rows(10))
    const first = await stopAfter(3, options)
    const calls = writesTo(sandbox).length
    await expect(resume(first.folder, { ...options, ...more })).rejects.toMatchObject({
      code: 'settings_invalid',
      problem: { field },
    })
    expect(writesTo(sandbox)).toHaveLength(calls)
    // As they were, they may be said again, be it that nobody said them before.
    const same = { coalesce: false, bodyForm: 'array' as const, types: 'infer' as const }
    expect((await resume(first.folder, { ...options, ...same })).summary.objects.verified).toBe(10)
  })

  test('where it is given a plan, which a run has already', async () => {
    const { options } = await scene(rows(10))
    const first = await stopAfter(3, options)
    const more = { plan: await plan(options) }
    await expect(resume(first.folder, { ...options, ...more })).rejects.toMatchObject({
      problem: { field: 'plan' },
    })
  })

  test('where the run has finished', async () => {
    const { options } = await scene(rows(3))
    const { folder } = await importFiles(options)
    await expect(resume(folder, options)).rejects.toMatchObject({ code: 'run_finished' })
  })

  test.each<[string, (path: string) => void]>([
    ['has another row', path => appendFileSync(path, 'u99,gold\n')],
    ['is cut', path => truncateSync(path, 30)],
    ['has one other letter', path => writeFileSync(path, readFileSync(path, 'utf8').replace('gold', 'bold'))],
    ['is gone', path => renameSync(path, `${path}.moved`)],
  ])('where the input %s', async (_name, change) => {
    const { sandbox, options, file } = await scene(rows(10))
    const first = await stopAfter(3, options)
    const calls = writesTo(sandbox).length
    const entries = readEntries(first.folder).length
    change(file)
    const error = await resume(first.folder, options).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'run_changed' })
    expect(String(error)).toContain(file)
    // Nothing was sent, and nothing written.
    expect([writesTo(sandbox).length, readEntries(first.folder).length]).toEqual([calls, entries])
  })

  test('where the mapping has changed', async () => {
    const { options } = await scene(rows(10))
    const mappingFile = join(cwd, `map-${made}.yaml`)
    writeFileSync(mappingFile, 'columns:\n  plan: { to: plan }\n')
    const first = await stopAfter(3, {
      ...options,
      mappingFile,
      mapping: { columns: { plan: { to: 'plan' } } },
    })
    writeFileSync(mappingFile, 'columns:\n  plan: { to: tier }\n')
    await expect(resume(first.folder, options)).rejects.toMatchObject({ code: 'run_changed' })
    writeFileSync(mappingFile, 'columns:\n  plan: { to: plan }\n')
    expect((await resume(first.folder, options)).summary.objects.verified).toBe(10)
  })

  test('where it would go to another host', async () => {
    const { options } = await scene(rows(10))
    const first = await stopAfter(3, options)
    const other = await createSandbox()
    onTestFinished(() => other.close())
    const error = await resume(first.folder, { ...options, url: other.url }).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({
      code: 'run_other_target',
      problem: { expected: options.url, came: other.url },
    })
    expect(other.calls()).toEqual([])
  })

  test('where the key is another, unless it is said that it replaces the old one', async () => {
    const { options } = await scene(rows(10))
    const first = await stopAfter(3, options)
    const error = await resume(first.folder, { ...options, key: 'another' }).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({ code: 'run_other_target', problem: { field: 'key' } })
    expect(JSON.stringify(error)).not.toContain('another-')
    const { summary } = await resume(first.folder, { ...options, key: 'another', newKey: true })
    expect(summary.objects.verified).toBe(10)
  })

  test('where another process has the run', async () => {
    const { options } = await scene(rows(40), { latency: 20 })
    const first = await stopAfter(5, options)
    const attempts = await Promise.allSettled([1, 2, 3].map(() => resume(first.folder, options)))
    expect(attempts.map(one => one.status).toSorted()).toEqual(['fulfilled', 'rejected', 'rejected'])
    for (const one of attempts) {
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'run_in_use' })
    }
  })

  test('where the journal is of a newer version', async () => {
    const { options } = await scene(rows(10))
    const first = await stopAfter(3, options)
    const path = join(first.folder, 'journal.ndjson')
    rewrite(path, text => text.replace('"journal":2', '"journal":3'))
    await expect(resume(first.folder, options)).rejects.toMatchObject({ code: 'run_unreadable' })
  })
})

test('what an earlier run verified is skipped in every process of a run, and never behind a newer row', async () => {
  const { options, sandbox } = await scene('external_id,plan\nu1,gold\nu2,gold\nu3,gold\n')
  const nightly = await importFiles(options)
  const file = join(cwd, `again-${made}.csv`)
  writeFileSync(file, 'external_id,plan\nu1,gold\nu2,silver\nu2,gold\nu3,gold\nu1,gold\n')
  const before = writesTo(sandbox).length
  const again = { ...options, files: [file], skipUnchanged: nightly.folder, concurrency: 1 }
  const first = await stopAfter(1, again)
  const second = await resume(first.folder, { ...options, files: [file] })
  expect(second.summary.objects).toMatchObject({ total: 5, unchanged: 3, verified: 2 })
  expect(writesTo(sandbox).length - before).toBe(2)
  const third = await importFiles({ ...again, skipUnchanged: second.folder })
  expect(third.summary.objects).toMatchObject({ total: 5, unchanged: 3, verified: 2 })
  expect(third.summary.exitCode).toBe(0)
})

test('what was verified on one host says nothing of another', async () => {
  const { options } = await scene(rows(3))
  const { folder } = await importFiles({ ...options, target: 'elsewhere' })
  await expect(importFiles({ ...options, skipUnchanged: folder })).rejects.toMatchObject({
    code: 'settings_invalid',
  })
})

function rows(count: number, users = count): string {
  return `external_id,plan\n${Array.from({ length: count }, (_, i) => `u${i % users},gold-${i}\n`).join('')}`
}

/** A file, a sandbox, and the options that bring them together. */
async function scene(
  text: string,
  sandboxOptions: SandboxOptions = {},
  name = 'a.csv',
  kind?: 'events',
): Promise<{ sandbox: Sandbox; options: ImportOptions; file: string }> {
  const file = join(cwd, `${++made}-${name}`)
  mkdirSync(cwd, { recursive: true })
  const events = `external_id,name,time\n${text.replaceAll(/^external_id.*\n/g, '').replaceAll(/,gold-(\d+)/g, ',opened,2024-01-01T00:00:00Z')}`
  writeFileSync(file, kind === 'events' ? events : text)
  const faults = [...(sandboxOptions.faults ?? []), noExports]
  const sandbox = await createSandbox({ limit: 'off', ...sandboxOptions, faults })
  onTestFinished(() => sandbox.close())
  const options = {
    files: [file],
    url: sandbox.url,
    key: 'k',
    rate: 'off' as const,
    runsDir: join(cwd, 'reports'),
  }
  return { sandbox, options, file }
}

/** Runs until so many objects have ended; then somebody presses Ctrl-C. */
async function stopAfter(
  ended: number,
  options: ImportOptions,
  run: (options: ImportOptions & ResumeOptions) => Promise<Receipt> = importFiles,
): Promise<Receipt> {
  const stop = new AbortController()
  let before = 0
  return await run({
    ...options,
    concurrency: options.concurrency ?? 2,
    stop,
    onStart: progress => {
      before = progress.ended
    },
    onProgress: progress => {
      if (progress.ended - before >= ended) stop.abort({ exit: 'interrupted', message: 'Interrupted.' })
    },
  })
}

/** The run as it would be if its process had been killed when its journal had so many bytes. */
function copyOf(folder: string, bytes: number): string {
  const copy = `${folder}-cut-${++made}`
  cpSync(folder, copy, { recursive: true })
  truncateSync(join(copy, 'journal.ndjson'), bytes)
  return copy
}
