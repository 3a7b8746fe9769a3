import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createSandbox, importFiles } from '../../src/index.ts'
import { trackSync } from '../support/cli.ts'
import { readSummary, temporaryFolder } from '../support/run-folder.ts'

const cwd = temporaryFolder()

beforeAll(() => {
  writeFileSync(join(cwd, 'people.csv'), 'external_id,plan\nu1,gold\nu2,prata\n')
  const users = [
    { external_id: 'u1', custom_attributes: { plan: 'gold' } },
    { external_id: 'u2', custom_attributes: { plan: 'prata' } },
  ].map(user => JSON.stringify(user))
  writeFileSync(join(cwd, 'export.ndjson'), `${users.join('\n')}\n`)
  writeFileSync(join(cwd, 'broken.ndjson'), `{broken\n${users.join('\n')}\n`)
})

describe('audit --against', () => {
  test('makes no request, whatever host the environment names, and names broken records once', async () => {
    let requests = 0
    const server = createServer((_, response) => {
      requests++
      response.end()
    })
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve)
    })
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const env = { BRAZE_API_URL: `http://127.0.0.1:${port}`, BRAZE_API_KEY: 'k' }
    const args = ['audit', 'people.csv', '--against', 'broken.ndjson', '--run-id', 'a']
    const { code, stdout, stderr, lastLine } = await trackSync(args, { cwd, env })
    expect({ code, requests }, stderr).toEqual({ code: 0, requests: 0 })
    expect(stdout).toMatch(/^Finished; all 2 values that could be compared are stored as requested\.\n/)
    expect(stdout).toContain('people.csv, compared with broken.ndjson\n')
    expect(stdout).toContain('  export    2 users, 1 record that cannot be used; took')
    expect(stderr).toContain('1 record of the export cannot be used; a user in it counts as missing.\n')
    expect(stderr.match(/ {2}broken\.ndjson, line 1: /g)).toHaveLength(1)
    expect(lastLine).toBe('Next: track-sync report reports/a --open')
    expect(readSummary(join(cwd, 'reports/a')).lookups.failed).toBe(1)
  })

  test('contradicts a host that is named on purpose', async () => {
    const args = ['audit', 'people.csv', '--against', 'export.ndjson', '--url', 'https://rest.test']
    const { code, stderr } = await trackSync(args, { cwd })
    expect(code).toBe(2)
    expect(stderr).toContain('--against and --url contradict each other: an export on disk is compared')
  })

  test('logs what it found as JSON, the broken records included', async () => {
    const args = ['audit', 'people.csv', '--against', 'broken.ndjson', '--log-format', 'json', '--json']
    const { stdout, stderr } = await trackSync(args, { cwd })
    expect(JSON.parse(stdout)).toMatchObject({ mode: 'audit', exitCode: 0 })
    const lines = stderr
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as Record<string, unknown>)
    expect(lines.filter(({ event }) => event === 'export_unusable')).toMatchObject([
      { level: 'warn', unusable: 1, problems: [{ file: 'broken.ndjson', line: 1 }] },
    ])
    expect(lines.find(({ event }) => event === 'end')).toMatchObject({
      mode: 'audit',
      lookups: { failed: 1 },
    })
  })
})

describe('what an audit is of', () => {
  test('a run, by path, id or latest; then it prints what has changed, and refuses flags of files', async () => {
    const sandbox = await createSandbox({ limit: 'off' })
    onTestFinished(() => sandbox.close())
    const env = { BRAZE_API_URL: sandbox.url, BRAZE_API_KEY: 'k' }
    const folder = join(cwd, 'of-a-run')
    mkdirSync(folder)
    const where = { url: sandbox.url, key: 'k', runsDir: join(folder, 'reports'), runId: 'r' }
    await importFiles({ files: [join(cwd, 'people.csv')], ...where, rate: 'off' })
    for (const run of ['r', 'latest']) {
      const { code, stdout, stderr } = await trackSync(['audit', run], { cwd: folder, env })
      expect(code, stderr).toBe(0)
      expect(stdout).toMatch(/\nCompared with [^]* newly different {2}0 /)
    }
    const { code, stderr } = await trackSync(['audit', 'r', '--kind', 'events'], { cwd: folder, env })
    expect(code).toBe(2)
    expect(stderr).toContain('--kind says how to read files, and a run is compared as it was read.')
    expect(readdirSync(join(folder, 'reports'))).toHaveLength(3)
    // It names the run, and no host or key is needed to say so.
    const resumed = await trackSync(['resume', 'latest'], { cwd: folder })
    expect(resumed.code).toBe(6)
    expect(resumed.stderr).toContain('is an audit; there is nothing to resume.')
  })

  test('neither guesses between a file and a run, nor takes what is neither', async () => {
    const folder = join(cwd, 'names')
    mkdirSync(join(folder, 'reports/people.csv'), { recursive: true })
    writeFileSync(join(folder, 'people.csv'), 'external_id,plan\nu1,gold\n')
    writeFileSync(join(folder, 'reports/people.csv/journal.ndjson'), '')
    const both = await trackSync(['audit', 'people.csv', '--against', '../export.ndjson'], { cwd: folder })
    expect(both.code).toBe(2)
    expect(both.stderr).toContain('`people.csv` is the name of a file and of a run.')
    expect(both.stderr).toContain('expected: ./people.csv for the file, or reports/people.csv for the run')
    const file = await trackSync(['audit', './people.csv', '--against', '../export.ndjson'], { cwd: folder })
    expect(file.code, file.stderr).toBe(0)
    const neither = await trackSync(['audit', 'latets', '--against', '../export.ndjson'], { cwd: folder })
    expect(neither.code).toBe(2)
    expect(neither.stderr).toContain('No run `latets` was found')
    expect(neither.stderr).toContain('Did you mean `latest`?')
  })
})
