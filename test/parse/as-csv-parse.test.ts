import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { parse as csvParse } from 'csv-parse/sync'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { upper1252 } from '../../src/model/windows-1252.ts'
import type { Encoding } from '../../src/model/row.ts'
import { chunked, collect, openRows } from '../support/parse-read.ts'

/**
 * What CSV means here is what csv-parse says it means. It reads the records that hold a quotation mark; the others are
 * cut at the delimiter, and our splitter says where each record ends. So both are held to csv-parse reading the whole.
 */
const delimiters = [',', ';', '|', '\t', ':', '^', '~', ' ']
const lineEnds = ['\n', '\r\n', '\r']
const encodings: Encoding[] = ['utf-8', 'utf-16le', 'utf-16be', 'latin1', 'windows-1252']

const anyScript = fc.constantFrom(
  'a',
  'Z',
  '0',
  'ñ',
  'ß',
  'Ж',
  'ق',
  'ש',
  '日',
  '한',
  'ไ',
  'é',
  '😀',
  '👩‍👩‍👧',
  '\u202e',
  '\u00a0',
  '\u2028',
)
const western = fc.constantFrom('a', 'Z', '0', 'ñ', 'ß', 'é', 'Þ', '\u00a0')
const typographic = fc.constantFrom('€', '“', '”', '–', 'Œ')
const sign = fc.constantFrom(...delimiters, '"', '""', '\n', '\r\n', '\r', "'", '\\', '=', '.')

interface Table {
  records: { cell: string; isQuoted: boolean }[][]
  delimiter: string
  lineEnd: string
  encoding: Encoding
  endsWithLine: boolean
  sizes: number[]
}

const table: fc.Arbitrary<Table> = fc
  .record({
    columns: fc.integer({ min: 1, max: 5 }),
    delimiter: fc.constantFrom(...delimiters),
    lineEnd: fc.constantFrom(...lineEnds),
    encoding: fc.constantFrom(...encodings),
    endsWithLine: fc.boolean(),
    sizes: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 }),
  })
  .chain(({ columns, ...shape }) => {
    const letters =
      shape.encoding === 'latin1'
        ? western
        : shape.encoding === 'windows-1252'
          ? fc.oneof(western, typographic)
          : anyScript
    const unit = fc.oneof({ weight: 4, arbitrary: letters }, sign)
    const cell = fc.record({ cell: fc.string({ unit, maxLength: 8 }), isQuoted: fc.boolean() })
    const record = fc.array(cell, { minLength: columns, maxLength: columns })
    const records = fc.array(record, { minLength: 2, maxLength: 12 }).map(all => {
      // Without a letter that is none in UTF-8, a file in another encoding is taken for UTF-8, and rightly so.
      for (const first of all[0]?.slice(0, 1) ?? []) first.cell = `éa${first.cell}`
      return all
    })
    return fc.record({ records, ...fixed(shape) })
  })

function fixed<Shape extends object>(shape: Shape) {
  const entries = Object.entries(shape).map(([name, value]) => [name, fc.constant(value as unknown)])
  return Object.fromEntries(entries) as { [Name in keyof Shape]: fc.Arbitrary<Shape[Name]> }
}

/** A cell is quoted where it has to be, and here and there where it need not be. */
function written({ records, delimiter, lineEnd, endsWithLine }: Table): string {
  const lines = records.map(record =>
    record
      .map(({ cell, isQuoted }) => {
        const must = cell.startsWith('"') || [delimiter, '\n', '\r'].some(special => cell.includes(special))
        const isBlank = records[0]?.length === 1 && cell === ''
        return isQuoted || must || isBlank ? `"${cell.replaceAll('"', '""')}"` : cell
      })
      .join(delimiter),
  )
  return `${lines.join(lineEnd)}${endsWithLine ? lineEnd : ''}`
}

function encode(text: string, encoding: Encoding): Buffer {
  if (encoding === 'utf-8') return Buffer.from(text)
  if (encoding === 'utf-16le') return Buffer.from(`\ufeff${text}`, 'utf16le')
  if (encoding === 'utf-16be') return Buffer.from(`\ufeff${text}`, 'utf16le').swap16()
  if (encoding === 'latin1') return Buffer.from(text, 'latin1')
  return Buffer.from(
    Array.from(text, character => {
      // A place without a sign of its own is a space in the table.
      const upper = character === ' ' ? -1 : upper1252.indexOf(character)
      return upper < 0 ? character.charCodeAt(0) : 0x80 + upper
    }),
  )
}

/** All records of a text as csv-parse alone reads them, the first among them. */
function asCsvParse(text: string, delimiter: string): string[][] {
  return csvParse(text, {
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
  })
}

async function asWeRead(
  bytes: Uint8Array,
  delimiter: string,
  encoding: Encoding | undefined,
  sizes: number[],
) {
  const file = await openRows('csv', chunked(bytes, ...sizes), {
    delimiter,
    ...(encoding === undefined ? {} : { encoding }),
  })
  const rows = await collect(file.batches)
  const records = rows.map(({ content }) => ('cells' in content ? content.cells : content))
  return { header: file.header, records, rows }
}

describe('any table is read as csv-parse reads it', () => {
  test('cell by cell: every delimiter, line end and encoding, quoted or not, names in any script', async () => {
    await fc.assert(
      fc.asyncProperty(table, async given => {
        const text = written(given)
        const whole = asCsvParse(text, given.delimiter)
        const cells = given.records.map(record => record.map(({ cell }) => cell))
        expect(whole).toEqual(cells)
        const bytes = encode(text, given.encoding)
        const { header, records } = await asWeRead(bytes, given.delimiter, given.encoding, given.sizes)
        expect([header, ...records]).toEqual([cells[0]?.map(name => name.trim()), ...cells.slice(1)])
      }),
      { numRuns: 1500 },
    )
  })

  test('and its bytes, record by record, are what lies between the line ends', async () => {
    await fc.assert(
      fc.asyncProperty(table, async given => {
        const { delimiter, encoding, sizes } = given
        const bytes = encode(written(given), encoding)
        const { rows } = await asWeRead(bytes, delimiter, encoding, sizes)
        for (const { offset, raw } of rows)
          expect(bytes.subarray(offset, offset + raw.length).equals(Buffer.from(raw))).toBe(true)
        expect(rows).toHaveLength(given.records.length - 1)
      }),
      { numRuns: 300 },
    )
  })
})

describe('the files of csv-spectrum end their records where csv-parse ends them', () => {
  const folder = join(dirname(createRequire(import.meta.url).resolve('csv-spectrum')), 'csvs')
  test.each(readdirSync(folder))('%s', async name => {
    const text = readFileSync(join(folder, name), 'utf8')
    const [names = [], ...whole] = asCsvParse(text, ',')
    for (const size of [1, 5, 65_536]) {
      const { header, records } = await asWeRead(Buffer.from(text), ',', undefined, [size])
      expect([header, ...records]).toEqual([names.map(one => one.trim()), ...whole])
    }
  })
})
