import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSandbox, type Sandbox, type Summary } from '../../src/index.ts'
import { bareEnv, main, trackSync } from '../support/cli.ts'
import { readCsv, readSummary, temporaryFolder } from '../support/run-folder.ts'

const cwd = temporaryFolder()
const key = 'key-7f3b-do-not-tell'
let sandbox: Sandbox

beforeAll(async () => {
  sandbox = await createSandbox({ key, limit: 'off' })
  writeFileSync(join(cwd, 'three.csv'), 'external_id,plan\nu1,gold\nu2,silver\nu3,bronze\n')
  writeFileSync(join(cwd, 'bad.csv'), 'external_id,plan\nu1,gold\n,nobody\n,nobody\nu4,"open\n')
})
afterAll(() => sandbox.close())

const target = () => ({ BRAZE_API_URL: sandbox.url, BRAZE_API_KEY: key })
const run = (id: string, args: string[], env: Record<string, string> = target()) =>
  trackSync(['import', ...args, '--rate', 'off', '--run-id', id], { cwd, env })

describe('import', () => {
  test('a clean run exits 0, prints the summary to stdout, where the report lies and how to see it', async () => {
    const { code, stdout, stderr, lastLine } = await run('clean', ['three.csv'])
    expect(lastLine).toBe('Next: track-sync report reports/clean --open')
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/all 3 values that could be compared are stored as requested/)
    expect(stdout).toMatch(/verified\s+3/)
    expect(stdout).toMatch(/reports\/clean\/report\.html/)
    expect(stderr).toMatch(/requests\s+3/)
  })

  test('several files are one run, in the given order', async () => {
    writeFileSync(join(cwd, 'more.ndjson'), '{"external_id":"u9","plan":"x"}\n')
    const { code, stderr } = await run('several', ['more.ndjson', 'three.csv'])
    expect(code, stderr).toBe(0)
    const rows = readCsv(join(cwd, 'reports/several/rows.csv'))
    expect(rows.map(row => [row['file'], row['row']])).toEqual([
      ['more.ndjson', '1'],
      ['three.csv', '1'],
      ['three.csv', '2'],
      ['three.csv', '3'],
    ])
  })

  test('rows that need attention exit 1, and the last line says what to type', async () => {
    const { code, stderr, lastLine } = await run('attention', ['bad.csv'])
    expect(code, stderr).toBe(1)
    expect(lastLine).toBe('Next: track-sync report reports/attention --open')
    expect(readSummary(join(cwd, 'reports/attention')).objects).toMatchObject({
      total: 4,
      verified: 1,
      invalid: 3,
    })
  })

  test('the rejects hold the original records under the header, and can be fed back in', async () => {
    await run('rejects', ['bad.csv'])
    const rejects = readFileSync(join(cwd, 'reports/rejects/rejects.csv'), 'utf8')
    expect(rejects).toBe('external_id,plan\n,nobody\n,nobody\nu4,"open\n')
    writeFileSync(
      join(cwd, 'mended.csv'),
      rejects.replaceAll(',nobody', 'u5,somebody').replace('"open', 'open'),
    )
    const { code, stderr } = await run('mended', ['mended.csv'])
    expect(code, stderr).toBe(0)
  })

  test('the error budget reached while planning sends nothing and exits 3', async () => {
    const before = sandbox.calls().length
    const { code, stderr, lastLine } = await run('budget', ['bad.csv', '--max-errors', '3'])
    expect(code, stderr).toBe(3)
    expect(sandbox.calls().length).toBe(before)
    expect(lastLine).toMatch(/^Next: /)
    expect(readSummary(join(cwd, 'reports/budget')).objects).toMatchObject({
      total: 4,
      invalid: 3,
      notSent: 1,
    })
  })

  test('a budget in per cent counts against all rows', async () => {
    expect((await run('percent-over', ['bad.csv', '--max-errors', '75%'])).code).toBe(3)
    expect((await run('percent-under', ['bad.csv', '--max-errors', '76%'])).code).toBe(1)
  })

  test('a refused key exits 5, names the host, and accounts for every row', async () => {
    const { code, stderr, lastLine } = await run('refused', ['three.csv'], {
      ...target(),
      BRAZE_API_KEY: 'wrong-key-9',
    })
    expect(code).toBe(5)
    expect(stderr).toMatch(/Check BRAZE_API_KEY.*users\.track\.sync.*closed beta/)
    expect(lastLine).toBe('Next: track-sync resume reports/refused --rate off')
    const summary = readSummary(join(cwd, 'reports/refused'))
    expect(summary.objects).toMatchObject({ total: 3, notSent: 3 })
    expect(readCsv(join(cwd, 'reports/refused/rows.csv'))[0]?.['message']).toContain(sandbox.url)
  })

  test('a host that cannot be reached exits 3 with every row not_sent', async () => {
    const { code, stderr } = await run('dead', ['three.csv'], {
      BRAZE_API_URL: 'http://127.0.0.1:9',
      BRAZE_API_KEY: key,
    })
    expect(code, stderr).toBe(3)
    expect(readCsv(join(cwd, 'reports/dead/rows.csv')).map(row => row['outcome'])).toEqual(
      Array(3).fill('not_sent'),
    )
    expect(readFileSync(join(cwd, 'reports/dead/rejects.csv'), 'utf8')).toBe(
      readFileSync(join(cwd, 'three.csv'), 'utf8'),
    )
  })

  test('the key is nowhere: not in the output, not in the run, even where the API repeats it', async () => {
    const parrot = createServer((request, response) => {
      response.writeHead(400, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ message: `Bad request by ${request.headers.authorization ?? ''}` }))
    })
    await new Promise<void>(resolve => parrot.listen(0, '127.0.0.1', resolve))
    const { port } = parrot.address() as AddressInfo
    const ended = await run('parrot', ['three.csv'], {
      ...target(),
      BRAZE_API_URL: `http://127.0.0.1:${port}`,
    })
    parrot.close()
    expect(ended.code).toBe(1)
    expect(ended.stdout + ended.stderr).not.toContain(key)
    const folder = join(cwd, 'reports/parrot')
    for (const name of readdirSync(folder))
      expect(readFileSync(join(folder, name), 'utf8')).not.toContain(key)
    expect(readCsv(join(folder, 'rows.csv'))[0]).toMatchObject({ outcome: 'rejected', http_status: '400' })
  })

  test('the key may lie in a file', async () => {
    writeFileSync(join(cwd, 'key.txt'), `${key}\n`)
    const env = { BRAZE_API_URL: sandbox.url }
    expect((await run('key-file', ['three.csv', '--api-key-file', 'key.txt'], env)).code).toBe(0)
  })

  test('the run is for nobody else to read', async () => {
    await run('modes', ['bad.csv'])
    const folder = join(cwd, 'reports/modes')
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    for (const name of readdirSync(folder))
      expect(statSync(join(folder, name)).mode & 0o777, name).toBe(0o600)
  })

  test('a run is never overwritten', async () => {
    await run('twice', ['three.csv'])
    const { code, stderr } = await run('twice', ['three.csv'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/runs are never overwritten/)
  })

  test('--json prints the summary alone', async () => {
    const { stdout } = await run('json', ['three.csv', '--json', '--quiet'])
    const summary = JSON.parse(stdout) as Summary
    expect(summary).toEqual(readSummary(join(cwd, 'reports/json')))
  })

  test('--quiet says nothing on the way; --log-format json says it in JSON', async () => {
    expect((await run('quiet', ['three.csv', '--quiet'])).stderr).toBe('')
    const { stderr } = await run('logs', ['three.csv', '--log-format', 'json'])
    const lines = stderr.trimEnd().split('\n')
    expect(lines.length).toBeGreaterThan(0)
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ level: 'info' })
  })

  test('flags win over the environment, the environment over the configuration file', async () => {
    const config = join(cwd, 'settings.yaml')
    writeFileSync(config, 'kind: events\nid: [email=plan]\nruns-dir: from-config\n')
    const env = { ...target(), TRACK_SYNC_RUNS_DIR: 'from-env' }
    const args = [
      'three.csv',
      '--config',
      'settings.yaml',
      '--kind',
      'attributes',
      '--id',
      'external_id=external_id',
    ]
    const { code, stderr } = await run('precedence', args, env)
    expect(code, stderr).toBe(0)
    expect(readSummary(join(cwd, 'from-env/precedence')).objects.verified).toBe(3)
  })

  test('a reader of stdout that goes away is no failure', async () => {
    const env = { ...bareEnv(), ...target() }
    const args = [main, 'import', 'three.csv', '--rate', 'off', '--run-id', 'pipe']
    const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'ignore'] })
    child.stdout.destroy()
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(readSummary(join(cwd, 'reports/pipe')).objects.verified).toBe(3)
  })
})
