import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createSandbox, importFiles, type ImportOptions, report, resume } from '../../src/index.ts'
import { readEntries, temporaryFolder } from '../support/run-folder.ts'

const cwd = temporaryFolder()
const rows = 30
let made = 0

function promising(fail: () => never): () => unknown {
  return () => Promise.resolve().then(fail)
}

/** What a caller throws, and where. */
const throwing: [string, (fail: () => never) => Partial<ImportOptions>][] = [
  ['onPlan', fail => ({ onPlan: fail })],
  ['onStart', fail => ({ onStart: fail })],
  ['onProgress', fail => ({ onProgress: fail })],
  ['onProgress, late', fail => ({ onProgress: ({ ended }) => (ended > 9 ? fail() : undefined) })],
  [
    'a promise of onProgress',
    // To the types, a function that promises is one that gives nothing back.
    fail => ({ onProgress: promising(fail) }),
  ],
]

describe('what a callback throws reaches the caller as it is, and leaves a run that goes on', () => {
  test.each(throwing)('%s', async (_name, more) => {
    const { options, sandbox } = await scene()
    const mine = new RangeError('mine')
    const thrown: unknown = await importFiles({
      ...options,
      runId: `run-${made}`,
      ...more(() => {
        throw mine
      }),
    }).catch((error: unknown) => error)
    expect(thrown).toBe(mine)

    const folder = join(cwd, `run-${made}`)
    const before = await report(folder)
    expect(before.summary).toMatchObject({ status: 'interrupted', exitCode: 70 })
    expect(before.facts.stop?.message).toMatch(/^on\w+ threw: RangeError: mine$/)
    // Every answer that came is on record: nothing of it is unknown.
    expect(before.summary.objects.unknown).toBe(0)
    expect(before.summary.objects.verified).toBe(sandbox.calls().length)

    const { summary } = await resume(folder, { key: options.key })
    expect(summary).toMatchObject({ status: 'finished', objects: { total: rows, verified: rows } })
    expect(sandbox.calls()).toHaveLength(rows)
  })

  test('also where several rows leave as one request', async () => {
    const { options, sandbox } = await scene('u')
    const onProgress = ({ ended }: { ended: number }) => {
      if (ended > 0) throw new Error('mine')
    }
    const coalesced = { ...options, coalesce: true, concurrency: 1, runId: `run-${made}`, onProgress }
    await expect(importFiles(coalesced)).rejects.toThrow('mine')
    const folder = join(cwd, `run-${made}`)
    const sent = readEntries(folder).filter(entry => entry.t === 'sent')
    const answered = readEntries(folder).filter(entry => entry.t === 'answered')
    expect([answered.length, sandbox.calls().length]).toEqual([sent.length, 1])
    expect((await report(folder)).summary.objects.unknown).toBe(0)
  })

  test('a resume is no different', async () => {
    const { options, sandbox } = await scene()
    const runId = `run-${made}`
    const fail = () => {
      throw new Error('mine')
    }
    await expect(importFiles({ ...options, runId, onStart: fail })).rejects.toThrow('mine')
    const folder = join(cwd, runId)
    await expect(resume(folder, { key: options.key, onStart: fail })).rejects.toThrow('mine')
    expect((await resume(folder, { key: options.key })).summary.objects.verified).toBe(rows)
    expect(sandbox.calls()).toHaveLength(rows)
  })
})

describe('a stop without a word of ours', () => {
  test.each([
    ['nothing', undefined, 'Interrupted.'],
    ['an error', new Error('the pod is going'), 'Interrupted: Error: the pod is going.'],
    ['text', 'enough', 'Interrupted: enough.'],
    ['an object', { exit: 'nowhere', message: 'x' }, /^Interrupted: /],
  ])('%s interrupts the run', async (_name, reason, message) => {
    const { options } = await scene()
    const stop = new AbortController()
    const { summary, facts, folder } = await importFiles({
      ...options,
      stop,
      concurrency: 1,
      onProgress: ({ ended }) => {
        if (ended === 3) stop.abort(reason)
      },
    })
    expect(summary).toMatchObject({ status: 'interrupted', exitCode: 130 })
    expect(facts.stop?.message).toMatch(message instanceof RegExp ? message : new RegExp(`^${message}$`))
    expect((await resume(folder, { key: 'k' })).summary.objects.verified).toBe(rows)
  })
})

async function scene(user?: string) {
  const sandbox = await createSandbox({ limit: 'off' })
  onTestFinished(() => sandbox.close())
  const path = join(cwd, `in-${++made}.csv`)
  const lines = Array.from({ length: rows }, (_, i) => `${user ?? `u${i}`},${i}\n`)
  writeFileSync(path, `external_id,step\n${lines.join('')}`)
  const options: ImportOptions = { files: [path], url: sandbox.url, key: 'k', rate: 'off', runsDir: cwd }
  return { options, sandbox }
}
