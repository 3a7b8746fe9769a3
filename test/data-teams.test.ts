import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import sqlite from 'node-sqlite3-wasm'
import { beforeAll, describe, expect, test } from 'vitest'
import { exits } from '../src/index.ts'
import { textCell } from '../src/report/safe-cell.ts'
import { trackSync } from './support/cli.ts'
import { blocksOf, commandsOf, filesOf, readPage, root } from './support/pages.ts'
import { readSummary, temporaryFolder } from './support/run-folder.ts'

const page = readPage('docs/data-teams.md')
const blocks = blocksOf(page)
const cwd = temporaryFolder()
let compared = ''

/** The two runs of the page, as it says. */
beforeAll(async () => {
  for (const [name, text] of Object.entries(filesOf(page))) writeFileSync(join(cwd, name), text)
  for (const command of commandsOf(page)) {
    const said = await trackSync(command.split(' ').slice(1), { cwd })
    expect(said.code, `${command}\n${said.stderr}`).toBe(exits.attention.code)
    if (command.includes('--compare')) compared = said.stdout
  }
})

describe('the page for data teams', () => {
  const queries = blocks.flatMap(({ language, text }, i) =>
    language === 'sql' && text.startsWith('--') ? [{ text, result: blocks[i + 1]?.text ?? '' }] : [],
  )

  test('has three queries', () => {
    expect(queries).toHaveLength(3)
  })

  for (const { text, result } of queries) {
    test(`its query gives what it says: ${text.split('\n')[0]}`, () => {
      const isOfSample = text.includes('reports/sample/')
      expect(queried(text, isOfSample ? root : cwd)).toBe(result)
    })
  }

  test('its queries find what the summary counts', () => {
    const { fields, reasons } = readSummary(join(root, 'reports/sample'))
    const differing = Object.values(fields).reduce((sum, { differ }) => sum + differ, 0)
    const all = parse(queried((queries[1]?.text ?? '').replace(/ LIMIT 5;/, ';'), root), { columns: true })
    const found = (all as Record<string, string>[]).map(
      ({ reason = '', differing: n }) => [reason, Number(n)] as const,
    )
    expect(found.reduce((sum, [, n]) => sum + n, 0)).toBe(differing)
    for (const [reason, n] of found) expect(reasons[reason]).toBe(n)
  })

  test('its comparison is what the command prints', () => {
    const shown = blocks.find(({ text }) => text.startsWith('Compared with'))?.text ?? ''
    const steady = (text: string) => text.replace(/\d{4}-\d\d-\d\d/, 'DAY')
    expect(steady(compared)).toContain(steady(shown))
  })

  test('its expression gives back what an apostrophe was put before', () => {
    const [, pattern = ''] = /regexp_replace\(field, '(.*)', '\\1\\2', 'g'\)/.exec(page) ?? []
    const found = new RegExp(pattern.replaceAll("''", "'"), 'g')
    for (const name of [
      '=1',
      "'=1",
      '-5',
      '@a',
      'a;=1',
      'a;"-1',
      "it's",
      "'x'",
      'a\n=1',
      '\t1',
      '＝1',
      'plan',
    ])
      expect(textCell(name).replaceAll(found, '$1$2')).toBe(name)
  })
})

/**
 * What a query of DuckDB gives, run by SQLite: these keep to what both understand but for `read_csv`. The result is CSV, as
 * `duckdb -csv` writes it.
 */
function queried(sql: string, folder: string): string {
  const database = new sqlite.Database()
  try {
    for (const [, path = ''] of sql.matchAll(/read_csv\('([^']+)', all_varchar = true\)/g)) {
      const [header = [], ...lines]: string[][] = parse(readFileSync(join(folder, path)))
      database.exec(`CREATE TABLE "${path}" (${header.map(name => `"${name}" TEXT`).join(', ')})`)
      const insert = `INSERT INTO "${path}" VALUES (${header.map(() => '?').join(', ')})`
      for (const line of lines)
        database.run(
          insert,
          line.map(cell => (cell === '' ? null : cell)),
        )
    }
    const rows = database.all(sql.replaceAll(/read_csv\('([^']+)', all_varchar = true\)/g, '"$1"'))
    return stringify(rows, { header: true })
  } finally {
    database.close()
  }
}
