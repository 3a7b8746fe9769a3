import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { trackSync } from '../support/cli.ts'
import { temporaryFolder } from '../support/run-folder.ts'

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
    expect(stderr).toMatch(/no run `two`/)
  })
})
