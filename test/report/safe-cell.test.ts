import { parse } from 'csv-parse/sync'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json } from '../../src/model/json.ts'
import { jsonCell, textCell } from '../../src/report/safe-cell.ts'
import { csvLines, rowRecord, rowsHeader, valueRecords, valuesHeader } from '../../src/report/csv-files.ts'
import { judgedValues } from '../../src/report/judged.ts'
import { account } from '../support/build.ts'

/** What people put into cells to have it reckoned out. */
const formulas = [
  '=1+1',
  '+1',
  '-1',
  '@SUM(A1)',
  '\t=1',
  '\r=1',
  '＝1+1',
  '"=1',
  'a;=1+1',
  'a;"=1',
  'a\n=1',
  'a\r\n-1',
]
const parts = fc.constantFrom(
  '=',
  '+',
  '-',
  '@',
  ';',
  ',',
  '"',
  "'",
  '\\',
  ' ',
  '\t',
  '\r',
  '\n',
  '\0',
  'a',
  'é',
  '＝',
)
const text = fc.oneof(
  fc.constantFrom(...formulas),
  fc.array(parts, { maxLength: 12 }).map(some => some.join('')),
  fc.string({ unit: 'grapheme' }),
)
const value = fc.oneof(
  text,
  fc.jsonValue({ maxDepth: 2 }),
  fc.array(text, { maxLength: 3 }),
) as fc.Arbitrary<Json>

/** Everything that a spreadsheet could take for a cell, whatever it thinks of quotation marks and semicolons. */
const cellsIn = (cell: string) => cell.split(/[;\r\n]/).map(part => part.replace(/^"*/, ''))
const isFormula = (cell: string) => /^[=+\-@\t＝＋－＠]/.test(cell)

describe('a text cell', () => {
  test('is never a formula, and can be had back as it was', () => {
    fc.assert(
      fc.property(text, given => {
        const cell = textCell(given)
        expect(cellsIn(cell).filter(isFormula)).toEqual([])
        expect(cell).not.toMatch(/^[\t\r]/)
        const taken = cell.replaceAll(/(?<=(?:^|[;\r\n])"*)'(?='*[=+\-@\t\r＝＋－＠])/g, '')
        expect(taken).toBe(given)
      }),
      { numRuns: 3000 },
    )
  })

  test('that is no formula is left alone', () => {
    for (const given of ['plan', 'a-b', "'quoted'", 'x = 1', 'a;b', '1-2', 'ñ', ''])
      expect(textCell(given)).toBe(given)
  })

  test('has an apostrophe before a formula', () => {
    expect(textCell('=HYPERLINK("http://x")')).toBe(`'=HYPERLINK("http://x")`)
    expect(textCell('-5')).toBe("'-5")
    expect(textCell("'=1")).toBe("''=1")
  })
})

describe('a JSON cell', () => {
  test('is that very value, and never a formula', () => {
    fc.assert(
      fc.property(value, given => {
        const cell = jsonCell(given)
        expect(JSON.parse(cell)).toEqual(JSON.parse(JSON.stringify(given)))
        expect(cell).not.toMatch(/[\0\r\n\t]/)
        if (typeof given !== 'number') expect(isFormula(cell)).toBe(false)
        expect(
          cell
            .split(';')
            .slice(1)
            .map(part => part.replace(/^[\\"]*/, ''))
            .filter(isFormula),
        ).toEqual([])
      }),
      { numRuns: 3000 },
    )
  })

  test('leaves numbers numbers', () => {
    expect([-5, -0.25, 1e21, 0].map(jsonCell)).toEqual(['-5', '-0.25', '1e+21', '0'])
  })
})

describe('the files', () => {
  test('are RFC 4180 whatever is in them: as many cells in every line, and each cell as it was', () => {
    fc.assert(
      fc.property(text, text, value, value, text, (file, field, requested, returned, message) => {
        const name = field === '__proto__' || field === 'external_id' ? 'a' : `${field} `
        const one = account({
          file,
          message,
          outcome: 'mismatched',
          body: { external_id: message, [name]: requested },
          user: JSON.stringify({ external_id: message }),
          echoed: { custom_attributes: { [name]: returned } },
        })
        const judged = judgedValues(one)
        const valueLines = csvLines([valuesHeader, ...valueRecords(one, judged)])
        const [line] = strictly(valueLines).filter(({ field: read }) => read === textCell(name))
        expect(line).toMatchObject({ file: textCell(file), requested: jsonCell(requested) })
        expect(JSON.parse(line?.['user'] ?? '')).toEqual({ external_id: message })
        expect(JSON.parse(line?.['returned'] ?? '')).toEqual(JSON.parse(JSON.stringify(returned)))
        const [row] = strictly(csvLines([rowsHeader, rowRecord(one, judged)]))
        expect(row).toMatchObject({ file: textCell(file), message: textCell(message) })
      }),
      { numRuns: 1000 },
    )
  })

  test('have no carriage return outside of quotation marks, where a reader may take it for a line end', () => {
    expect(csvLines([['a\rb', 'c']])).toBe('"a\rb",c\n')
  })
})

/** Read as the standard has it, with nothing forgiven. */
function strictly(csv: string): Record<string, string>[] {
  return parse(csv, { columns: true, record_delimiter: '\n', relax_column_count: false, relax_quotes: false })
}
