import { describe, expect, test } from 'vitest'
import { TrackSyncError } from '../../src/model/problem.ts'
import { detectDelimiter, detectFormat } from '../../src/parse/format.ts'
import { parse, type ParseOptions } from '../../src/parse/parse.ts'
import { chunked, chunkSizes, collect } from '../support/parse-read.ts'

const head = (text: string) => ({ text, isComplete: true })

describe('the format of a file', () => {
  test.each([
    ['a.csv', 'csv'],
    ['a.tsv', 'csv'],
    ['A.CSV', 'csv'],
    ['a.ndjson', 'ndjson'],
    ['a.jsonl', 'ndjson'],
    ['dir.csv/a.json', 'json'],
  ])('%s is %s by its extension, whatever it holds', (file, format) => {
    expect(detectFormat(file, head('?'))).toBe(format)
  })

  test.each([
    ['[{"a":1}]', 'json'],
    [' \n[1]', 'json'],
    ['{"a":1}\n{"a":2}', 'ndjson'],
    ['id;name\n1;x', 'csv'],
    ['id\tname\n1\tx', 'csv'],
  ])('%j is %s by its content where the name says nothing', (text, format) => {
    expect(detectFormat('export', head(text))).toBe(format)
    expect(detectFormat('export.txt', head(text))).toBe(format)
  })

  test('what cannot be told is asked for, with the flag to use', () => {
    const error = caught(() => detectFormat('notes.txt', head('hello\na,b')))
    expect(error.code).toBe('format_unknown')
    expect(error.next).toContain('--format csv')
  })
})

describe('the delimiter of a CSV file', () => {
  test.each([
    ['a,b,c\n1;2;3', ','],
    ['a;b;c\n1,5;2;3', ';'],
    ['a\tb\tc', '\t'],
    ['a|b|c', '|'],
    ['id;name', ';'],
    ['"a,b,c,d";"e";f\n', ';'],
    ['"two\nlines,x,y";b\n', ';'],
    ['only\n1,2', ','],
  ])('of %j is %j, found in the header line outside of quotation marks', (text, delimiter) => {
    expect(detectDelimiter(head(text))).toBe(delimiter)
  })
})

describe('reading a source', () => {
  test.each(chunkSizes)('format and delimiter are found also where it comes in pieces of %i', async size => {
    expect(await read('export', '\ufeffid;name\n1;x\n', size)).toEqual({
      format: 'csv',
      header: ['id', 'name'],
      contents: [{ cells: ['1', 'x'] }],
    })
    expect(await read('export', '\n\n [{"a":1}]', size)).toEqual({
      format: 'json',
      header: null,
      contents: [{ value: { a: 1 } }],
    })
  })

  test('what the user says of format and delimiter wins', async () => {
    const { header } = await read('a.json', 'a;b|c\n1;2|3\n', 64, { format: 'csv', delimiter: '|' })
    expect(header).toEqual(['a;b', 'c'])
  })

  test('a file larger than what is looked at first is read whole', async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `${i},value ${i}`)
    const { contents } = await read('big.csv', `id,v\n${lines.join('\n')}`, 10_000)
    expect(contents).toHaveLength(20_000)
    expect(contents.at(-1)).toEqual({ cells: ['19999', 'value 19999'] })
  })

  test('nothing at all is an empty file', async () => {
    await expect(read('a.csv', '', 1)).rejects.toMatchObject({ code: 'file_empty' })
  })

  test('a reader that stops early lets go of the source', async () => {
    let released = false
    async function* endless() {
      try {
        for (let i = 0; ; i++) yield Buffer.from(i === 0 ? 'id,v\n' : `${i},${'x'.repeat(1000)}\n`)
      } finally {
        released = true
      }
    }
    const file = await parse('a.csv', endless())
    for await (const batch of file.batches) if (batch.length > 0) break
    expect(released).toBe(true)
  })

  test('a source whose format cannot be told is let go of', async () => {
    let released = false
    async function* words() {
      try {
        for (let i = 0; i < 100_000; i++) yield Buffer.from('word ')
      } finally {
        released = true
      }
    }
    await expect(parse('notes', words())).rejects.toMatchObject({ code: 'format_unknown' })
    expect(released).toBe(true)
  })
})

async function read(file: string, text: string, size: number, options: ParseOptions = {}) {
  const { format, header, batches } = await parse(file, chunked(text, size), options)
  const rows = await collect(batches)
  return { format, header, contents: rows.map(({ content }) => content) }
}

function caught(run: () => unknown): TrackSyncError {
  try {
    run()
  } catch (error) {
    if (error instanceof TrackSyncError) return error
  }
  throw new Error('nothing was thrown')
}

describe('a file that tells what stands between its cells', () => {
  const told = 'sep=;\r\nexternal_id;plan\r\nu1;gold, really\r\n'

  test.each([1, 3, 6, 7, 100])(
    'as Excel does, in a first line that is no header (pieces of %i)',
    async size => {
      const file = await parse('a.csv', chunked(told, size))
      expect([file.delimiter, file.header]).toEqual([';', ['external_id', 'plan']])
      expect(Buffer.from(file.headerRaw ?? []).toString()).toBe('external_id;plan')
      expect(await collect(file.batches)).toMatchObject([
        { row: 1, line: 3, content: { cells: ['u1', 'gold, really'] } },
      ])
    },
  )

  test('by tabs or in quotation marks as well, and whatever else is said of it', async () => {
    const tabs = await parse('a.csv', chunked('"sep=\t"\na\tb\n1\t2\n', 5))
    expect([tabs.delimiter, tabs.header]).toEqual(['\t', ['a', 'b']])
    const said = await parse('a.csv', chunked('sep=,\na;b\n1;2\n', 5), { delimiter: ';' })
    expect([said.delimiter, said.header]).toEqual([';', ['a', 'b']])
  })

  test('is not one with a column of such a name', async () => {
    expect((await parse('a.csv', chunked('sep=x,b\n1,2\n', 5))).header).toEqual(['sep=x', 'b'])
  })
})

describe('a delimiter that makes one column of several', () => {
  test.each([
    ['a;b\n1;2\n', ',', ';'],
    ['a,b\n1,2\n', ';', ','],
    ['sep=;\na;b\n1;2\n', ',', ';'],
    ['a\tb\n1\t2\n', '|', '\t'],
  ])('%j with %j is refused, and the other proposed', async (text, delimiter, other) => {
    const error = await parse('a.csv', chunked(text, 4), { delimiter }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'header_invalid',
      step: { id: 'delimit', command: { flags: { delimiter: other === '\t' ? 'tab' : other } } },
    })
  })

  test.each([
    ['external_id\nu1;x\n', ','],
    ['"a;b"\n1\n', ','],
    ['a,b;c\n1,2;3\n', ','],
  ])('%j with %j is taken as it is said', async (text, delimiter) => {
    expect((await parse('a.csv', chunked(text, 4), { delimiter })).delimiter).toBe(delimiter)
  })
})
