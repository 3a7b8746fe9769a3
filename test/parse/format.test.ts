import { describe, expect, test } from 'vitest'
import { TrackSyncError } from '../../src/model/problem.ts'
import { detectDelimiter, detectFormat } from '../../src/parse/format.ts'
import { type ParseOptions, parse } from '../../src/parse/parse.ts'
import { chunkSizes, chunked, collect } from '../support/parse-read.ts'

const head = (text: string) => ({ text, isAll: true })

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
