import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createConsole } from '../../src/cli/console.ts'
import type { Values } from '../../src/cli/to-options.ts'
import { importCommand } from '../../src/cli/import-command.ts'
import { createSandbox, type SandboxOptions } from '../../src/index.ts'
import { lockRun } from '../../src/journal/lock.ts'
import { temporaryFolder } from '../support/run-folder.ts'
import { Screen } from '../support/terminal.ts'

const cwd = temporaryFolder()
const keyFile = join(cwd, 'key')
writeFileSync(keyFile, 'k')
const rows = 40
let made = 0

describe('import --once', () => {
  test('starts a run, and sends nothing where all of it is sent', async () => {
    const { once, sandbox, folders } = await scene()
    expect(await once()).toMatchObject({ code: 0 })
    const again = await once()
    expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/verified\s+40/) })
    expect(again.stderr).toMatch(/already sent by .*\. Nothing was sent now/)
    expect([sandbox.calls().length, folders().length]).toEqual([rows, 1])
  })

  test('ends as the run did whose files these are', async () => {
    const { once } = await scene('external_id,plan\nu1,gold\n,nobody\n')
    expect([(await once()).code, (await once()).code]).toEqual([1, 1])
  })

  test('ends as well where the last row spends the error budget', async () => {
    const { once } = await scene('external_id,plan\n,nobody\nu1,gold\n', {
      faults: [{ kind: 'refuse', status: 400 }],
    })
    const ends = [await once({ maxErrors: 2 }), await once({ maxErrors: 2 }), await once({ maxErrors: 1 })]
    expect(ends.map(({ code }) => code)).toEqual([1, 1, 1])
  })

  test('goes on with a run that was killed, and sends nothing twice', async () => {
    const { once, sandbox, folders, journal } = await scene()
    await once()
    // As it was when half of it had been written.
    truncateSync(journal(), Math.floor(readFileSync(journal()).length / 2))
    const calls = sandbox.calls().length
    const resumed = await once()
    expect([resumed.code, resumed.stderr]).toEqual([0, expect.stringMatching(/are already settled/)])
    expect(sandbox.calls().length - calls).toBeLessThan(rows)
    expect([folders().length, (await once()).code]).toEqual([1, 0])
  })

  test('goes on with one that was killed while it was planned, or before it had written a word', async () => {
    const { once, folders, journal } = await scene()
    await once()
    const [first = ''] = readFileSync(journal(), 'utf8').split('\n')
    for (const bytes of [first.length + 1, 0]) {
      truncateSync(journal(), bytes)
      expect((await once()).code).toBe(0)
      expect(folders()).toHaveLength(1)
    }
  })

  test('leaves a run alone that another process works on', async () => {
    const { once, sandbox, journal } = await scene()
    await once()
    truncateSync(journal(), Math.floor(readFileSync(journal()).length / 2))
    const calls = sandbox.calls().length
    const letGo = await lockRun(join(journal(), '..'))
    const refused = await once()
    await letGo(false)
    expect([refused.code, refused.stderr]).toEqual([6, expect.stringMatching(/is in use/)])
    expect(sandbox.calls().length).toBe(calls)
  })

  test('lets one of two have it that start at the same moment', async () => {
    const { once, sandbox, folders } = await scene()
    const ends = await Promise.all([once(), once()])
    // Whoever comes last finds the run in use.
    expect(ends.map(({ code }) => code).toSorted((a, b) => a - b)).toEqual([0, 6])
    expect([sandbox.calls().length, folders().length]).toEqual([rows, 1])
  })

  test('starts anew where the files, a setting or the host are others', async () => {
    const { once, file, folders } = await scene()
    await once()
    await once({ updateExistingOnly: true })
    writeFileSync(file, 'external_id,plan\nu1,silver\n')
    await once()
    expect((await once()).code).toBe(0)
    expect(folders()).toHaveLength(3)
  })

  test('takes no other pace for another run', async () => {
    const { once, folders } = await scene()
    await once()
    await once({ rate: { requests: 300, windowMs: 60_000 }, concurrency: 3, maxErrors: 9 })
    expect(folders()).toHaveLength(1)
  })

  test('wants no name for the run', async () => {
    const { once, folders } = await scene()
    const refused = await once({ runId: 'mine' })
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringMatching(/names the run after the content of its files/),
    ])
    expect(folders()).toEqual([])
  })
})

/** A file, a host, and the command that sends the one to the other once. */
async function scene(
  text = `external_id,plan\n${Array.from({ length: rows }, (_, i) => `u${i},gold\n`).join('')}`,
  host: SandboxOptions = {},
) {
  const sandbox = await createSandbox({ limit: 'off', ...host })
  onTestFinished(() => sandbox.close())
  const place = join(cwd, String(++made))
  const file = `${place}.csv`
  writeFileSync(file, text)
  const runsDir = join(place, 'reports')
  const folders = () => {
    try {
      return readdirSync(runsDir)
    } catch {
      return []
    }
  }
  async function once(more: Values = {}) {
    const [stdout, stderr] = [new Screen(), new Screen()]
    const values: Values = {
      once: true,
      concurrency: 2,
      url: sandbox.url,
      apiKeyFile: keyFile,
      rate: 'off',
      runsDir,
      ...more,
    }
    const code = await importCommand([file], values, createConsole({ stdout, stderr }))
    return { code, stdout: stdout.text, stderr: stderr.text }
  }
  return { sandbox, file, once, folders, journal: () => join(runsDir, folders()[0] ?? '', 'journal.ndjson') }
}
