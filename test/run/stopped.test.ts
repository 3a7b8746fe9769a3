import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createSandbox, importFiles, plan, report, type Source, type Stop } from '../../src/index.ts'
import { temporaryFolder } from '../support/run-folder.ts'

const cwd = temporaryFolder()
const reason: Stop = { exit: 'terminated', message: 'Terminated.' }
const rows = 50_000
const line = (i: number) => `u${i},gold\n`

/** A file that calls back when it is read as far as this. */
function source(at: number, reached: () => void): Source {
  return {
    name: 'a.csv',
    chunks: async function* () {
      yield Buffer.from('external_id,plan\n')
      for (let i = 0; i < rows; i++) {
        if (i === at) reached()
        yield Buffer.from(line(i))
      }
    },
  }
}

describe('what sends nothing', () => {
  test('a plan ends with the reason it is given, and reads no further', async () => {
    const stop = new AbortController()
    let isOver = false
    const file = source(rows / 2, () => stop.abort(reason))
    const chunks = async function* () {
      yield* file.chunks()
      isOver = true
    }
    await expect(plan({ files: [{ ...file, chunks }] }, stop.signal)).rejects.toBe(reason)
    expect(isOver).toBe(false)
  })

  test('a report ends likewise, and leaves the files that were there', async () => {
    const sandbox = await createSandbox({ limit: 'off' })
    const file = join(cwd, 'b.csv')
    writeFileSync(file, `external_id,plan\n${Array.from({ length: 30 }, (_, i) => line(i)).join('')}`)
    const options = { files: [file], url: sandbox.url, key: 'k', rate: 'off' as const, runsDir: cwd }
    const { folder } = await importFiles(options)
    await sandbox.close()
    const before = readdirSync(folder)
    for (const redact of [false, true]) {
      const stop = new AbortController()
      stop.abort(reason)
      await expect(report(folder, { redact }, stop.signal)).rejects.toBe(reason)
      const late = new AbortController()
      // Once it has begun to write.
      const ended = report(folder, { redact }, late.signal)
      setImmediate(() => late.abort(reason))
      await ended.catch((error: unknown) => expect(error).toBe(reason))
    }
    const left = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    expect(left.filter(name => name.endsWith('.part'))).toEqual([])
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(before))
  })
})
