import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { trackSync } from '../support/cli.ts'
import { readCsv, temporaryFolder } from '../support/run-folder.ts'

const cwd = temporaryFolder()
const folder = join(cwd, 'reports', 'one')
let first: Record<string, string>

function files(): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder).map(name => [name, readFileSync(join(folder, name), 'latin1')]),
  )
}

beforeAll(async () => {
  writeFileSync(join(cwd, 'a.csv'), 'external_id,plan\nu1,gold\n,nobody\n')
  await trackSync(['import', 'a.csv', '--sandbox', '--rate', 'off', '--run-id', 'one'], { cwd })
  first = files()
  rmSync(join(cwd, 'a.csv'))
})

describe('report', () => {
  test('rebuilds every file from the journal alone, identical to the byte', async () => {
    for (const name of readdirSync(folder)) if (name !== 'journal.ndjson') rmSync(join(folder, name))
    const { code } = await trackSync(['report', 'reports/one'], { cwd })
    expect(code).toBe(1)
    expect(files()).toEqual(first)
  })

  test('finds the run by its path, by its id, and as latest', async () => {
    for (const run of ['reports/one', 'one', 'latest']) {
      const { stdout } = await trackSync(['report', run], { cwd })
      expect(stdout).toContain('reports/one/report.html')
    }
  })

  test('a run that is not there is exit 2', async () => {
    const { code, stderr } = await trackSync(['report', 'two'], { cwd })
    expect(code).toBe(2)
    expect(stderr).toMatch(/No run `two`/)
  })
})

describe('report --compare', () => {
  const compare = ['report', 'two', '--compare']

  beforeAll(async () => {
    const rows = ['{"external_id":"u1","plan":{"a":null}}', '{"external_id":"u2","plan":"basic"}']
    writeFileSync(join(cwd, 'b.ndjson'), `${rows.join('\n')}\n`)
    await trackSync(['import', 'b.ndjson', '--sandbox', '--rate', 'off', '--run-id', 'two'], { cwd })
  })

  test('prints both runs side by side below the summary, in 80 columns, and ends as the run did', async () => {
    const { code, stdout } = await trackSync([...compare, 'one'], { cwd, env: { NO_COLOR: '1' } })
    expect(code).toBe(1)
    expect(stdout).toMatch(/^Finished; .*\n[^]*\n\nCompared with one, of \d{4}-\d\d-\d\d\.\n/)
    expect(stdout).toMatch(/ +before  now\n  rows +2    2\n/)
    expect(stdout).toMatch(/\n  newly different  1  they differ now;/)
    expect(stdout).toContain('  details   reports/two/compare.csv\n')
    expect(stdout).not.toContain('\u001b')
    expect(stdout.split('\n').filter(line => line.length > 80)).toEqual([])
    const [line] = readCsv(join(cwd, 'reports/two/compare.csv'))
    expect(line).toMatchObject({ change: 'newly_different', file: 'b.ndjson', row: '1', field: 'plan' })
    expect(line).toMatchObject({
      reason: 'nested_invalid_dropped',
      verdict_before: 'match',
      reason_before: 'exact',
    })
  })

  test('finds the other run by its path, by its id, and as latest; where there is none, it is exit 2', async () => {
    for (const run of ['reports/one', 'one', 'latest']) {
      const { stdout } = await trackSync([...compare, run, '--quiet'], { cwd })
      expect(stdout).toContain(`Compared with ${run === 'latest' ? 'two' : 'one'}, of`)
    }
    const { code, stderr } = await trackSync([...compare, 'onee'], { cwd })
    expect(code).toBe(2)
    expect(stderr).toMatch(/No run `onee`.*\n?.*Did you mean `one`\?/)
  })

  test('is a key of --json, and an event of a JSON log', async () => {
    const { stdout, stderr } = await trackSync([...compare, 'one', '--json', '--log-format', 'json'], { cwd })
    const changes = { newlyDifferent: 1, repaired: 0, stillDifferent: 0, notCompared: 0, leftOut: 0 }
    const { comparison, ...summary } = JSON.parse(stdout) as Record<string, unknown>
    expect(comparison).toMatchObject({ before: { run: 'one' }, changes, file: 'reports/two/compare.csv' })
    expect(summary).toEqual(JSON.parse(readFileSync(join(cwd, 'reports/two/summary.json'), 'utf8')))
    const events = stderr
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as Record<string, unknown>)
    expect(events.find(({ event }) => event === 'comparison')).toMatchObject({ before: 'one', changes })
  })
})

describe('report --redact', () => {
  test('writes the report once more, into a folder to hand on, and names it', async () => {
    const { code, stdout, lastLine } = await trackSync(['report', 'one', '--redact'], { cwd })
    expect(lastLine).toBe('Next: track-sync report reports/one --redact --open')
    expect(code).toBe(1)
    expect(stdout).toContain('  report    reports/one/redacted/report.html\n')
    expect(stdout).not.toContain('to do')
    const names = ['rejects.csv', 'report.html', 'rows.csv', 'summary.json', 'values.csv']
    expect(readdirSync(join(folder, 'redacted'))).toEqual(names)
    const text = names.map(name => readFileSync(join(folder, 'redacted', name), 'utf8')).join('\n')
    expect(text).not.toMatch(/gold|\bu1\b|nobody/)
    expect(text).toContain('This copy is redacted')
  })

  test('goes together with --compare', async () => {
    const { stdout } = await trackSync(['report', 'two', '--redact', '--compare', 'one'], { cwd })
    expect(stdout).toContain('  details   reports/two/redacted/compare.csv\n')
    const [line] = readCsv(join(cwd, 'reports/two/redacted/compare.csv'))
    expect(line?.['requested']).toMatch(/^"hmac:[0-9a-f]{24}"$/)
  })
})
