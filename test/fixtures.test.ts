import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { trackSync } from './support/cli.ts'
import { readCsv, readSummary, sentObjects, temporaryFolder } from './support/run-folder.ts'

interface Expected {
  says: string
  exitCode: number
  /** `[row or part, line, outcome, reason]` */
  rows?: [number | string, number, string, string][]
  /** What was sent, in input order. */
  sent?: Record<string, unknown>[]
  objects?: Record<string, number>
}

const root = fileURLToPath(new URL('../fixtures', import.meta.url))
const runs = temporaryFolder()

describe('fixtures pass through the command', () => {
  for (const name of readdirSync(root)) {
    const folder = join(root, name)
    const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Expected
    test(`${name}: ${expected.says}`, async () => {
      const input = readdirSync(folder).find(file => file.startsWith('input.')) ?? 'input is missing'
      const mapping = existsSync(join(folder, 'mapping.yaml')) ? ['--mapping', 'mapping.yaml'] : []
      const args = [
        'import',
        input,
        ...mapping,
        '--sandbox',
        '--rate',
        'off',
        '--runs-dir',
        runs,
        '--run-id',
        name,
      ]
      const ended = await trackSync(args, { cwd: folder })
      expect(ended.code, ended.stderr).toBe(expected.exitCode)
      expect(ended.stderr).not.toMatch(/\(node:\d+\)/)

      const run = join(runs, name)
      const summary = readSummary(run)
      const rows = readCsv(join(run, 'rows.csv'))
      const found = rows.map(row => [
        row['part'] || Number(row['row']),
        Number(row['line']),
        row['outcome'],
        row['reason'],
      ])
      if (expected.rows !== undefined) expect(found).toEqual(expected.rows)
      if (expected.sent !== undefined) expect(sentObjects(run)).toEqual(expected.sent)
      expect(summary.objects).toMatchObject(expected.objects ?? {})
      expect(summary.objects.total).toBe(rows.length)
      expect(summary.values.total).toBe(readCsv(join(run, 'values.csv')).length)
    })
  }
})
