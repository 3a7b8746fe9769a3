import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createSandbox, type SandboxOptions } from '../../src/index.ts'
import { type Ended, main, trackSync } from '../support/cli.ts'
import { readCsv, readSummary, temporaryFolder } from '../support/run-folder.ts'

const cwd = temporaryFolder()
const key = 'key-7f3b-do-not-tell'
const rows = 200
writeFileSync(
  join(cwd, 'many.csv'),
  `external_id,plan\n${Array.from({ length: rows }, (_, i) => `u${i},gold\n`).join('')}`,
)

describe('resume', () => {
  test('goes on with a run whose process was killed, from any folder, and says so', async () => {
    const { env, sandbox } = await target()
    await killAfter(60, 'killed', sandbox, env)
    const reported = await trackSync(['report', 'killed'], { cwd, env })
    expect(reported.code).toBe(130)
    expect(reported.lastLine).toBe('Next: track-sync resume reports/killed')

    const elsewhere = join(cwd, 'elsewhere')
    mkdirSync(elsewhere)
    const { code, stdout, stderr } = await trackSync(['resume', '../reports/killed'], { cwd: elsewhere, env })
    expect(code, stderr).toBe(0)
    expect(stderr).toMatch(/Sending \d+ rows\. \d+ of 200 are already settled\./)
    expect(stdout).toMatch(/verified\s+200/)
    expect(stdout).toMatch(/resumed 1 time/)
    expect(readCsv(join(cwd, 'reports/killed/rows.csv')).map(line => line['row'])).toEqual(
      Array.from({ length: rows }, (_, i) => String(i + 1)),
    )
    expect(journalOf('killed')).not.toContain(key)
  })

  test('takes a path, an id or latest, and exits 6 where there is nothing to resume', async () => {
    const { env } = await target()
    const again = await trackSync(['resume', 'killed'], { cwd, env })
    expect([again.code, again.lastLine]).toEqual([6, 'Next: track-sync report reports/killed --open'])
    expect(again.stderr).toMatch(/has finished; there is nothing to resume/)
    expect((await trackSync(['resume', 'nothing'], { cwd, env })).code).toBe(6)
    expect((await trackSync(['resume', 'latest', '--runs-dir', 'empty'], { cwd, env })).code).toBe(6)
    expect((await trackSync(['resume', 'latest', '--rate', 'fast'], { cwd, env })).code).toBe(2)
  })

  test('lets one of many have the run, and exits 6 for all others', async () => {
    const { env, sandbox } = await target({ latency: 10 })
    await killAfter(30, 'raced', sandbox, env)
    const ends = await Promise.all([1, 2, 3, 4].map(() => trackSync(['resume', 'raced'], { cwd, env })))
    expect(ends.map(({ code }) => code).toSorted((a, b) => (a ?? 0) - (b ?? 0))).toEqual([0, 6, 6, 6])
    for (const { code, stderr } of ends) {
      // One that comes late may find the run finished.
      if (code === 6) expect(stderr).toMatch(/is in use: process \d+ has been using it|has finished/)
    }
    expect(readSummary(join(cwd, 'reports/raced')).objects).toMatchObject({ total: rows, verified: rows })
    expect(sandbox.calls().length).toBeLessThanOrEqual(rows + 10)
  })

  test('refuses another host and another key, without telling either key', async () => {
    const { env, sandbox } = await target()
    await killAfter(20, 'guarded', sandbox, env)
    const other = await target()
    const calls = sandbox.calls().length
    const elsewhere = await trackSync(['resume', 'guarded'], { cwd, env: other.env })
    expect([elsewhere.code, elsewhere.stderr.includes(sandbox.url)]).toEqual([6, true])
    const stranger = await trackSync(['resume', 'guarded'], {
      cwd,
      env: { ...env, BRAZE_API_KEY: 'key-other-9' },
    })
    expect([stranger.code, stranger.stderr.includes('--new-key')]).toEqual([6, true])
    expect(stranger.stderr).not.toMatch(/key-other-9|do-not-tell/)
    expect([sandbox.calls().length, other.sandbox.calls().length]).toEqual([calls, 0])
  })

  test('needs no host: the run knows where it goes', async () => {
    const { env, sandbox } = await target()
    await killAfter(20, 'knows', sandbox, env)
    const { code, stderr } = await trackSync(['resume', 'knows'], { cwd, env: { BRAZE_API_KEY: key } })
    expect(code, stderr).toBe(0)
  })

  test('changes no setting that decides what is sent', async () => {
    const flags = [
      '--type',
      '--mapping',
      '--kind',
      '--coalesce',
      '--skip-unchanged',
      '--body-form',
      '--sandbox',
    ]
    const { stdout } = await trackSync(['resume', '--help'])
    for (const flag of flags) expect(stdout).not.toContain(flag)
    for (const flag of ['--rate', '--concurrency', '--replay', '--after-unknown', '--max-errors', '--json']) {
      expect(stdout).toContain(flag)
    }
  })

  test('of a run to the sandbox of its own process starts another', async () => {
    const child = spawn(process.execPath, [main, 'import', 'many.csv', '--sandbox', '--run-id', 'own'], {
      cwd,
      stdio: 'ignore',
    })
    while (!existsSync(join(cwd, 'reports/own/journal.ndjson')) || !journalOf('own').includes('"outcome"'))
      await turn()
    child.kill('SIGKILL')
    await once(child, 'exit')
    const { code, stderr } = await trackSync(['resume', 'own', '--rate', 'off'], { cwd })
    expect(code, stderr).toBe(0)
  })

  test('of a run that its budget stopped says how to get any further', async () => {
    const { env } = await target({ faults: [{ kind: 'refuse', status: 400 }] })
    const args = ['import', 'many.csv', '--rate', 'off', '--run-id', 'spent', '--max-errors', '5']
    const stopped = await trackSync(args, { cwd, env })
    const furtherAfter = ({ lastLine }: Ended) => {
      const [, budget] =
        /^Next: track-sync resume reports\/spent --rate off --max-errors (\d+)$/.exec(lastLine) ?? []
      const { rejected } = readSummary(join(cwd, 'reports/spent')).objects
      // What was in flight when the budget was spent has failed since.
      expect(Number(budget), lastLine).toBeGreaterThan(rejected)
      return rejected
    }
    expect(stopped.code).toBe(3)
    const before = furtherAfter(stopped)
    expect(stopped.stderr).toMatch(/Check the report, or allow more with --max-errors/)
    const resumed = await trackSync(stopped.lastLine.replace('Next: track-sync ', '').split(' '), {
      cwd,
      env,
    })
    expect(resumed.code).toBe(3)
    expect(furtherAfter(resumed)).toBeGreaterThan(before)
  })
})

describe('a run that is asked to stop', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s twice leaves at once, says how to go on, and can', async (signal, exit) => {
    // Answers take a minute: nothing but the second signal can end this soon.
    const { env, sandbox } = await target({ latency: 60_000 })
    const id = `twice-${signal}`
    const args = [main, 'import', 'many.csv', '--rate', 'off', '--run-id', id]
    const child = spawn(process.execPath, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
      if (text.includes('Stopping:')) child.kill(signal)
    })
    while (sandbox.calls().length < 20) await turn()
    child.kill(signal)
    expect(await once(child, 'exit')).toEqual([exit, null])
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(`Next: track-sync resume reports/${id} --rate off`)
    const { code, stdout } = await trackSync(['report', id, '--json'], { cwd })
    const { objects } = JSON.parse(stdout) as { objects: Record<string, number> }
    expect([code, objects['unknown'], (objects['unknown'] ?? 0) + (objects['notSent'] ?? 0)]).toEqual([
      130,
      50,
      rows,
    ])
  })

  test('while it plans ends with its code, and is planned anew by resume', async () => {
    const { env } = await target()
    writeFileSync(join(cwd, 'large.ndjson'), '{"external_id":"u","plan":"gold"}\n'.repeat(400_000))
    const args = [main, 'import', 'large.ndjson', '--rate', 'off', '--run-id', 'planning', '--quiet']
    const child = spawn(process.execPath, args, { cwd, env: { ...process.env, ...env }, stdio: 'ignore' })
    while (!existsSync(join(cwd, 'reports/planning/journal.ndjson')) || journalOf('planning') === '')
      await turn()
    child.kill('SIGINT')
    expect(await once(child, 'exit')).toEqual([130, null])
    expect(journalOf('planning')).not.toContain('planned')
    writeFileSync(join(cwd, 'large.ndjson'), '{"external_id":"u","plan":"gold"}\n')
    const { code, stderr } = await trackSync(['resume', 'planning'], { cwd, env })
    expect(code, stderr).toBe(0)
  })

  test('by a reader that goes away does not crash', async () => {
    const { env } = await target()
    const command = `"${process.execPath}" "${main}" import many.csv --rate off --run-id piped 2>&1 | head -c 10; echo " code \${PIPESTATUS[0]}"`
    const child = spawn('bash', ['-c', command], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let out = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
    await once(child, 'close')
    expect(out).toMatch(/ code 0\n$/)
    expect(readSummary(join(cwd, 'reports/piped')).objects.verified).toBe(rows)
  })
})

describe('a disk', () => {
  /** Somebody whom rights apply to; whoever runs the tests may be above them. */
  const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}

  test('that may not be written is refused before anything is sent', async () => {
    const { env, sandbox } = await target()
    const folder = join(temporaryFolder(), 'closed')
    mkdirSync(folder)
    for (const path of [cwd, join(folder, '..')]) chmodSync(path, 0o755)
    chmodSync(folder, 0o555)
    const { code, stderr } = await asNobody(
      ['import', join(cwd, 'many.csv'), '--runs-dir', join(folder, 'runs')],
      env,
    )
    expect(code, stderr).toBe(2)
    expect(stderr).toMatch(/Cannot write a run to .*closed/)
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^Next: .*--runs-dir/)
    expect([sandbox.calls(), readdirSync(folder)]).toEqual([[], []])
  })

  test('with a run that may not be written refuses its resume', async () => {
    const { env, sandbox } = await target()
    await killAfter(20, 'closed', sandbox, env)
    const folder = join(cwd, 'reports/closed')
    for (const path of [cwd, join(cwd, 'reports'), folder]) chmodSync(path, 0o755)
    for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o444)
    const { code, stderr } = await asNobody(['resume', folder], env)
    expect(code, stderr).toBe(6)
    expect(stderr).toMatch(/Cannot write a run to/)
  })

  test('that is full stops the run, and loses nothing that was answered', async () => {
    const { env, sandbox } = await target()
    // No file may have more than 64 KB: the journal is full in the middle of the run.
    const command = `ulimit -f 64; exec "${process.execPath}" "${main}" import many.csv --rate off --run-id full --concurrency 5`
    const child = spawn('bash', ['-c', command], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    const [code] = (await once(child, 'close')) as [number]
    expect(code, stderr).toBe(3)
    expect(stderr).toMatch(/The journal cannot be written: EFBIG/)
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^Next: .*track-sync resume reports\/full/)
    expect(statSync(join(cwd, 'reports/full/journal.ndjson')).size).toBeLessThanOrEqual(64 * 1024)
    const resumed = await trackSync(['resume', 'full'], { cwd, env })
    expect(resumed.code, resumed.stderr).toBe(0)
    expect(readSummary(join(cwd, 'reports/full')).objects).toMatchObject({ total: rows, verified: rows })
    // Sent again at the most: what was in flight when there was no more room.
    expect(sandbox.calls().length).toBeLessThanOrEqual(rows + 5)
  })

  function asNobody(args: string[], env: Record<string, string>) {
    return trackSync(args, { cwd: '/', env: { ...env, HOME: '/' }, ...nobody })
  }
})

async function target(options: SandboxOptions = {}) {
  const sandbox = await createSandbox({ limit: 'off', ...options })
  onTestFinished(() => sandbox.close())
  return { sandbox, env: { BRAZE_API_URL: sandbox.url, BRAZE_API_KEY: key } }
}

/** Imports until the sandbox was called so often; then the process is killed. */
async function killAfter(
  calls: number,
  id: string,
  sandbox: Awaited<ReturnType<typeof createSandbox>>,
  env: Record<string, string>,
): Promise<void> {
  const args = [main, 'import', 'many.csv', '--rate', 'off', '--run-id', id, '--concurrency', '2', '--quiet']
  const child = spawn(process.execPath, args, { cwd, env: { ...process.env, ...env }, stdio: 'ignore' })
  while (sandbox.calls().length < calls) await turn()
  child.kill('SIGKILL')
  await once(child, 'exit')
}

function journalOf(id: string): string {
  return readFileSync(join(cwd, 'reports', id, 'journal.ndjson'), 'utf8')
}

function turn(): Promise<void> {
  return new Promise(resolve => {
    setImmediate(resolve)
  })
}
