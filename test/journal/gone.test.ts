import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createSandbox, exits, importFiles, type ImportOptions, report, resume } from '../../src/index.ts'
import { fail } from '../../src/cli/fail.ts'
import { hastyClock } from '../support/hasty-clock.ts'
import { readCsv, temporaryFolder } from '../support/run-folder.ts'

/** What may happen to the folder of a run under way; returns where its journal is now, if it is anywhere. */
const mishaps: Record<string, (folder: string, runsDir: string) => string | null> = {
  'the folder is deleted': folder => {
    rmSync(folder, { recursive: true })
    return null
  },
  'the journal is deleted': folder => {
    rmSync(join(folder, 'journal.ndjson'))
    return null
  },
  'the journal is replaced by a copy': folder => {
    const path = join(folder, 'journal.ndjson')
    cpSync(path, `${path}.copy`)
    renameSync(`${path}.copy`, path)
    return null
  },
  'the folder is moved': folder => {
    renameSync(folder, `${folder}-elsewhere`)
    return `${folder}-elsewhere`
  },
  'the folder of all runs is moved': (folder, runsDir) => {
    renameSync(runsDir, `${runsDir}-old`)
    return folder.replace(runsDir, `${runsDir}-old`)
  },
  'the folder is replaced by another': folder => {
    renameSync(folder, `${folder}-elsewhere`)
    mkdirSync(folder)
    writeFileSync(join(folder, 'journal.ndjson'), 'of somebody else\n')
    return `${folder}-elsewhere`
  },
  'the folder of all runs becomes a file': (folder, runsDir) => {
    renameSync(runsDir, `${runsDir}-old`)
    writeFileSync(runsDir, '')
    return folder.replace(runsDir, `${runsDir}-old`)
  },
}

describe.each(Object.entries(mishaps))('when %s', (_, mishap) => {
  test('under way, the run stops at the next write, and it is said what is on record where', async () => {
    const { sandbox, options, runsDir } = await scene()
    let now: string | null = null
    let calls = 0
    const stop = new AbortController()
    const error = await importFiles(
      {
        ...options,
        stop,
        onProgress: ({ ended }) => {
          if (ended !== 10 || calls > 0) return
          now = mishap(join(runsDir, 'run'), runsDir)
          calls = sandbox.calls().length
        },
      },
      hastyClock(),
    ).catch((thrown: unknown) => thrown)
    // Those in flight at that moment, and not one more.
    expect(sandbox.calls().length - calls).toBeLessThanOrEqual(4)
    expect(error).toMatchObject({ code: 'run_gone', problem: { file: join(runsDir, 'run/journal.ndjson') } })
    expect(stop.signal.reason).toMatchObject({ exit: 'stopped' })
    const said: string[] = []
    const console = {
      out() {},
      log() {},
      error: (text: string) => void said.push(text),
      quiet: false,
      json: false,
    }
    expect(fail(error, console, 'import', 'run')).toBe(exits.stopped.code)
    expect(said.join('\n')).not.toMatch(/internal error|ENOENT/)

    if (now === null) {
      expect(String(error)).toContain('there is no record of what was sent')
      return
    }
    // Where it was only moved, every line is in it, and it goes on from there with nothing sent twice.
    expect(String(error)).toContain(existsSync('/proc/self/fd') ? now : 'its folder lies now')
    const { summary } = await resume(now, options, hastyClock())
    expect(summary.objects).toMatchObject({ total: 40, verified: 40 })
    expect(sandbox.calls()).toHaveLength(40)
  })
})

test('a folder that is taken away while the plan is made stops the run before anything is sent', async () => {
  const { sandbox, options, runsDir } = await scene()
  const onPlan = () => rmSync(join(runsDir, 'run'), { recursive: true })
  await expect(importFiles({ ...options, onPlan }, hastyClock())).rejects.toMatchObject({ code: 'run_gone' })
  expect(sandbox.calls()).toEqual([])
})

test('a folder that is taken away while the report is written is said in words', async () => {
  const { options, runsDir } = await scene()
  const { folder } = await importFiles(options, hastyClock())
  const writing = report(folder)
  for (;;) {
    await new Promise(setImmediate)
    if (!readdirSync(folder).includes('rows.csv.part')) continue
    renameSync(runsDir, `${runsDir}-old`)
    break
  }
  await expect(writing).rejects.toMatchObject({ code: 'run_gone' })
  await report(folder.replace(runsDir, `${runsDir}-old`))
  expect(readCsv(join(folder.replace(runsDir, `${runsDir}-old`), 'rows.csv'))).toHaveLength(40)
})

async function scene() {
  const cwd = temporaryFolder()
  const sandbox = await createSandbox({ limit: 'off', latency: 1 })
  onTestFinished(() => sandbox.close())
  const file = join(cwd, 'events.ndjson')
  const lines = Array.from({ length: 40 }, (_, id) => {
    return `{"external_id":"u${id}","name":"n","time":"2024-01-01","properties":{"id":${id}}}`
  })
  writeFileSync(file, `${lines.join('\n')}\n`)
  const runsDir = join(cwd, 'runs')
  const options: ImportOptions = {
    files: [file],
    url: sandbox.url,
    key: 'k',
    rate: 'off',
    concurrency: 4,
    runsDir,
    runId: 'run',
  }
  return { sandbox, options, runsDir }
}
