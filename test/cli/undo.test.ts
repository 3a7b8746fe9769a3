import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createSandbox, importFiles, type ImportOptions, type SandboxOptions } from '../../src/index.ts'
import { trackSync } from '../support/cli.ts'
import { createShell } from '../support/paste.ts'
import { readSummary, temporaryFolder } from '../support/run-folder.ts'

const cwd = temporaryFolder()
const time = '2024-01-01T00:00:00Z'
const rows = [
  { external_id: 'u1', plan: 'gold', image_url: 'x' },
  { external_id: 'u2', plan: 'gold' },
  { external_id: 'u1', name: 'opened', time },
]
writeFileSync(join(cwd, 'rows.ndjson'), rows.map(row => `${JSON.stringify(row)}\n`).join(''))
const off = ['--rate', 'off', '--lookup-rate', 'off']

describe('undo', () => {
  test('says what it will do and what stays, also with --quiet, and ends with the summary of its own run', async () => {
    const { env, run } = await imported('told')
    const said = await run('undo', 'told', '--quiet', '--run-id', 'told-undone')
    expect(said.code, said.stderr).toBe(0)
    expect(said.stderr.trimEnd().split('\n')).toEqual([
      'Undo of reports/told',
      '  put back     2 values of 2 users',
      '  left alone   1 value, listed in reports/told/undo-left.csv',
      '    not_exported  1: No export shows this field, so nobody can tell whether it',
      '      still stands.',
      '  stays        1 row with an event or a purchase: nothing takes those back',
    ])
    expect(said.stdout).toMatch(/verified\s+2 [\s\S]*report +reports\/told-undone\/report\.html/)
    expect(readSummary(join(cwd, 'reports/told-undone')).objects).toMatchObject({ total: 2, verified: 2 })

    const again = await trackSync(['undo', 'told', ...off], { cwd, env })
    expect([again.code, again.stdout]).toEqual([0, ''])
    expect(again.stderr).toContain('  put back     nothing\n  as before    2 values, with nothing to do\n')
    expect(again.lastLine).toBe('Nothing was sent.')
  })

  test('tells a log the same in objects; --json prints the summary of the undo', async () => {
    const { run } = await imported('logged')
    const { code, stdout, stderr } = await run(
      'undo',
      'logged',
      '--log-format',
      'json',
      '--json',
      '--run-id',
      'l-undo',
    )
    const events = stderr
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as { event: string; message: string })
    expect([code, events.map(({ event }) => event)]).toEqual([0, ['undo', 'start', 'end', 'next']])
    expect(events[0]).toMatchObject({
      run: 'reports/logged',
      message:
        'Undo of reports/logged: put back: 2 values of 2 users; as before: 0 values; left alone: 1 value; events and purchases, which stay: 1 row.',
      users: 2,
      values: 2,
      asBefore: 0,
      occurrences: 1,
      left: { not_exported: 1, changed_since: 0 },
      leftFile: 'reports/logged/undo-left.csv',
    })
    expect(JSON.parse(stdout)).toMatchObject({ run: 'l-undo', exitCode: 0, objects: { verified: 2 } })
  })

  test('asks on a terminal, and a no sends nothing', async () => {
    const { env, sandbox } = await imported('asked')
    const before = sandbox.calls().filter(({ path }) => path.endsWith('sync')).length
    const type = `script -qec "track-sync undo asked --rate off --run-id x" /dev/null <<< n | tr -d '\\r' >&2; exit \${PIPESTATUS[0]}`
    const { code, stderr } = await createShell()(type, { cwd, env })
    expect(code, stderr).toBe(2)
    expect(stderr).toContain('Put back 2 values of 2 users? [y/N]')
    const next = 'Next: track-sync undo asked --rate off --run-id x --yes'
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(`Nothing was sent. To send it anyway: ${next}`)
    expect(sandbox.calls().filter(({ path }) => path.endsWith('sync')).length).toBe(before)
  })

  test.each<[string, Partial<ImportOptions>, RegExp]>([
    [
      'that has no snapshot',
      { snapshot: false },
      /has no before\.ndjson, so it is not known what the profiles held/,
    ],
    ['that went to a sandbox of its own', { target: 'sandbox' }, /was sent to a sandbox that ended with it/],
  ])('refuses a run %s', async (_name, more, message) => {
    const runId = `refused-${Object.keys(more).join('')}`
    const { run } = await imported(runId, {}, more)
    const { code, stderr, lastLine } = await run('undo', runId)
    expect([code, lastLine]).toEqual([6, `Next: track-sync report reports/${runId} --open`])
    expect(stderr.replaceAll(/\s+/g, ' ')).toMatch(message)
  })

  test('refuses a run whose journal is damaged, and one that is not there', async () => {
    const { run } = await imported('damaged')
    const path = join(cwd, 'reports/damaged/journal.ndjson')
    writeFileSync(path, readFileSync(path, 'utf8').replace('gold', 'lead'))
    const { code, stderr } = await run('undo', 'damaged')
    expect([code, /an undo could leave out some/.test(stderr.replaceAll(/\s+/g, ' '))]).toEqual([6, true])
    expect((await run('undo', 'nowhere')).code).toBe(6)
    expect((await run('undo', 'damaged', '--concurrency', 'many')).code).toBe(2)
  })

  test('without the permission exits as every command does whose key is refused', async () => {
    const { run } = await imported('denied', {
      faults: [{ kind: 'refuse', status: 403, on: 'export', calls: [2] }],
    })
    const { code, stderr, lastLine } = await run('undo', 'denied')
    expect(code).toBe(5)
    expect(stderr).toContain('Give the key the permission users.export.ids.')
    expect(lastLine).toBe('Next: track-sync undo denied --rate off --lookup-rate off')
  })

  test('does not exit 0 where profiles could not be read', async () => {
    const { run } = await imported('unread', {
      faults: [{ kind: 'refuse', status: 400, on: 'export', calls: [2, 3, 4] }],
    })
    const { code, stderr } = await run('undo', 'unread')
    expect([code, /lookup_failed +2: The profile could not be read\./.test(stderr)]).toEqual([1, true])
    expect(stderr).toMatch(/responded with 400/)
    const again = await run('undo', 'unread')
    expect(again.code, again.stderr).toBe(0)
  })
})

/** A run of the rows, and how to go on from there. */
async function imported(runId: string, given: SandboxOptions = {}, more: Partial<ImportOptions> = {}) {
  const sandbox = await createSandbox({ limit: 'off', exportLimit: 'off', ...given })
  onTestFinished(() => sandbox.close())
  const fast = { rate: 'off', lookupRate: 'off' } as const
  const sent = { files: [join(cwd, 'rows.ndjson')], url: sandbox.url, key: 'k', snapshot: true, runId }
  const { summary } = await importFiles({ ...sent, ...fast, runsDir: join(cwd, 'reports'), ...more })
  expect(summary.exitCode).toBe(0)
  const env = { BRAZE_API_URL: sandbox.url, BRAZE_API_KEY: 'k' }
  return { env, sandbox, run: (...args: string[]) => trackSync([...args, ...off], { cwd, env }) }
}
