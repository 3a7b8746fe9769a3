import { stringify } from 'csv-stringify/sync'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesAsUtf8, chunkSizes, chunked, collect, openRows, readAll } from '../support/parse-read.ts'

const lineEnd = /\r\n|\r|\n/

describe('the place and bytes of CSV rows', () => {
  test('every row says its number, the line it begins on and its own bytes without the line end', async () => {
    const { header, rows } = await readAll(
      'csv',
      '\ufeffid,note\r\n1,plain\n\n2,"two\r\nlines"\r\n\r\n3,"say ""hi"""\n4,last',
    )
    expect(header).toEqual(['id', 'note'])
    expect(rows).toEqual([
      { row: 1, line: 2, raw: '1,plain', cells: ['1', 'plain'] },
      { row: 2, line: 4, raw: '2,"two\r\nlines"', cells: ['2', 'two\r\nlines'] },
      { row: 3, line: 7, raw: '3,"say ""hi"""', cells: ['3', 'say "hi"'] },
      { row: 4, line: 8, raw: '4,last', cells: ['4', 'last'] },
    ])
  })

  test('blank lines before the header and a header over two lines move the lines of the rows', async () => {
    const { header, rows } = await readAll('csv', '\n\n"a\nb",c\n1,2\n')
    expect(header).toEqual(['a\nb', 'c'])
    expect(rows).toMatchObject([{ row: 1, line: 5, cells: ['1', '2'] }])
  })

  test('a quotation mark inside of a cell that does not begin with one is a character like any other', async () => {
    const { rows } = await readAll('csv', 'id,v\n1,27" screen\n2,="00"\n3,"a ""b"""\n4,x""y"\n')
    expect(rows.map(({ cells }) => cells?.[1])).toEqual(['27" screen', '="00"', 'a "b"', 'x""y"'])
  })

  test('spaces and leading zeros of a cell are kept; spaces around the name of a column are not', async () => {
    const { header, rows } = await readAll('csv', ' a , b\n 007 , x \n')
    expect(header).toEqual(['a', 'b'])
    expect(rows).toMatchObject([{ cells: [' 007 ', ' x '] }])
  })

  test("the header's own bytes are kept for the reject file", async () => {
    const file = await openRows('csv', chunked('"a b", c\r\n1,2\n', 3))
    expect(Buffer.from(file.headerRaw ?? []).toString()).toBe('"a b", c')
  })
})

describe('bad rows of CSV', () => {
  const bad = [
    ['a quotation mark that never closes', '2,"open', 'csv_quote'],
    ['text after a closing quotation mark', '2,"x"y', 'csv_quote'],
    ['too few cells', '2', 'csv_cells'],
    ['too many cells', '2,x,y', 'csv_cells'],
    ['bytes that are not UTF-8', Buffer.from([0x32, 0x2c, 0xe9]), 'encoding'],
  ] as const

  for (const [what, line, code] of bad) {
    test(`${what}: one row with a problem, and the rows around it are whole`, async () => {
      const file = Buffer.concat(['id,v\n1,"a\nb"\n', line, '\n3,"c"\n4,d\n'].map(part => Buffer.from(part)))
      for (const size of chunkSizes) {
        const { rows, error } = await readAll('csv', file, size)
        expect(error).toBeUndefined()
        expect(rows).toMatchObject([
          { row: 1, line: 2, cells: ['1', 'a\nb'] },
          { row: 2, line: 4, raw: line.toString(), problem: { code } },
          { row: 3, line: 5, cells: ['3', 'c'] },
          { row: 4, line: 6, cells: ['4', 'd'] },
        ])
      }
    })
  }

  test('a wrong number of cells is told with what was expected and what came', async () => {
    const { rows } = await readAll('csv', 'a,b,c\n1,2\n')
    expect(rows[0]?.problem).toMatchObject({ expected: '3 cells', came: '2 cells' })
  })

  test('two bad rows in a row are two bad rows', async () => {
    const { rows } = await readAll('csv', 'a,b\n1,"x\n2,"y\n3,z\n')
    expect(rows.map(({ line, problem }) => [line, problem?.code])).toEqual([
      [2, 'csv_quote'],
      [3, 'csv_quote'],
      [4, undefined],
    ])
  })
})

describe('headers that cannot be used end the run with exact words', () => {
  test.each([
    ['a,"b"c\n1,2\n', 'header_invalid', 'The header of in.csv cannot be read'],
    ['a,b\n', 'file_without_rows', 'in.csv has a header but no rows.'],
    ['a,b', 'file_without_rows', 'in.csv has a header but no rows.'],
    ['', 'file_empty', 'in.csv contains only blank lines.'],
    ['\ufeff\r\n\n', 'file_empty', 'in.csv contains only blank lines.'],
  ])('%j is %s', async (text, code, words) => {
    const { error, rows } = await readAll('csv', text)
    expect(rows).toEqual([])
    expect(error?.code).toBe(code)
    expect(error?.message).toContain(words)
    expect(error?.problem.file).toBe('in.csv')
  })

  test('a header that is not UTF-8 is told as that', async () => {
    const { error } = await readAll('csv', Buffer.from([0x61, 0x2c, 0xf1, 0x0a, 0x31, 0x2c, 0x32]))
    expect(error?.code).toBe('header_invalid')
    expect(error?.message).toContain('UTF-8')
  })
})

describe('any table', () => {
  const cell = fc.oneof(
    { weight: 3, arbitrary: fc.string({ unit: 'grapheme', maxLength: 6 }) },
    {
      weight: 2,
      arbitrary: fc.string({ unit: fc.constantFrom('"', ',', ';', '\n', '\r', ' ', 'ñ', '\u2028') }),
    },
  )
  const table = fc
    .integer({ min: 1, max: 4 })
    .chain(width =>
      fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }),
    )

  test('written as CSV and read in any pieces comes back exactly, each row on its line', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 })
    const style = fc.record({
      delimiter: fc.constantFrom(',', ';', '\t', '|'),
      record_delimiter: fc.constantFrom('\n', '\r\n', '\r'),
      quoted: fc.boolean(),
      eof: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(table, sizes, style, async (cells, pieces, options) => {
        const header = (cells[0] ?? []).map((_, i) => `c${i}`)
        const written = [header, ...cells].map(record => csv(record, { ...options, eof: false }))
        const text = written.join(options.record_delimiter) + (options.eof ? options.record_delimiter : '')
        const file = await openRows('csv', chunked(text, ...pieces), { delimiter: options.delimiter })
        const rows = await collect(file.batches)
        expect(rows.map(({ content }) => content)).toEqual(cells.map(record => ({ cells: record })))
        expect(rows.map(({ raw }) => Buffer.from(raw).toString())).toEqual(written.slice(1))
        const lines = written.map(record => record.split(lineEnd).length)
        const starts = cells.map((_, i) => 1 + lines.slice(0, i + 1).reduce((sum, count) => sum + count, 0))
        expect(rows.map(({ line }) => line)).toEqual(starts)
        expect(rows.map(({ row }) => row)).toEqual(cells.map((_, i) => i + 1))
      }),
      { numRuns: 300 },
    )
  })
})

/** One record. A blank one is quoted, because a blank line is no record, and so is one with any line end in it. */
function csv(record: string[], options: Parameters<typeof stringify>[1]): string {
  const text = stringify([record], options)
  const bare = /^\s*$/.test(text) || /[\r\n]/.test(record.join(''))
  return bare ? stringify([record], { ...options, quoted: true, quoted_empty: true }) : text
}

describe('any bytes', () => {
  const bytes = fc.oneof(
    bytesAsUtf8(80),
    fc
      .string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', '\r', 'é', ' '), maxLength: 80 })
      .map(text => new Uint8Array(Buffer.from(text))),
  )

  test('never crash, read the same in any pieces, and leave no line out', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, fc.integer({ min: 1, max: 20 }), async (tail, size) => {
        const file = Buffer.concat([Buffer.from('h,k\n'), tail])
        const whole = await readAll('csv', file)
        expect(await readAll('csv', file, size)).toEqual(whole)
        const full = (line: string) => line !== ''
        const lines = file.toString().split(lineEnd).slice(1).filter(full)
        const read = whole.rows.flatMap(({ raw }) => raw.split(lineEnd)).filter(full)
        expect(read).toEqual(lines)
      }),
      { numRuns: 500 },
    )
  })
})
