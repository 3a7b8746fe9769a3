import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Encoding, Format } from '../../src/model/row.ts'
import { type ParseOptions, parse } from '../../src/parse/parse.ts'
import { chunkSizes, chunked, collect } from '../support/parse-read.ts'

const text = 'id,name\r\n1,"Ñandú ""x""\r\ny"\r\n2,Łódź €\n3,日本 😀\r4,z'
const rows = [
  { row: 1, line: 2, cells: ['1', 'Ñandú "x"\r\ny'] },
  { row: 2, line: 4, cells: ['2', 'Łódź €'] },
  { row: 3, line: 5, cells: ['3', '日本 😀'] },
  { row: 4, line: 6, cells: ['4', 'z'] },
]

describe('text in any encoding is the same text', () => {
  const mark = (encoding: Encoding) => encode('\ufeff', encoding)
  const cases: [string, Buffer, Encoding, ParseOptions][] = [
    ['UTF-8', encode(text, 'utf-8'), 'utf-8', {}],
    ['UTF-8 with its mark', Buffer.concat([mark('utf-8'), encode(text, 'utf-8')]), 'utf-8', {}],
    ['UTF-16 LE with its mark', Buffer.concat([mark('utf-16le'), encode(text, 'utf-16le')]), 'utf-16le', {}],
    ['UTF-16 BE with its mark', Buffer.concat([mark('utf-16be'), encode(text, 'utf-16be')]), 'utf-16be', {}],
    ['UTF-16 LE without a mark', encode(text, 'utf-16le'), 'utf-16le', {}],
    ['UTF-16 BE without a mark', encode(text, 'utf-16be'), 'utf-16be', {}],
    ['UTF-16 BE as it was said', encode(text, 'utf-16be'), 'utf-16be', { encoding: 'utf-16be' }],
  ]
  for (const [name, bytes, encoding, options] of cases) {
    test.each(chunkSizes)(`${name} in pieces of %i`, async size => {
      const read = await readRows('in.csv', bytes, size, options)
      expect(read.encoding).toBe(encoding)
      expect(read.rows).toMatchObject(rows)
    })
  }

  test('Latin-1 and Windows-1252 are what they are said to be', async () => {
    const latin = await readRows('in.csv', encode('id,n\n1,España\x80\n', 'latin1'), 3, {
      encoding: 'latin1',
    })
    expect(latin.rows).toMatchObject([{ cells: ['1', 'España\x80'] }])
    const euro = Buffer.concat([Buffer.from('id,n\n1,'), Buffer.from([0x80, 0x93, 0xf1, 0x94])])
    const windows = await readRows('in.csv', euro, 3, { encoding: 'windows-1252' })
    expect(windows.rows).toMatchObject([{ cells: ['1', '€“ñ”'] }])
  })

  test('JSON and NDJSON are read in UTF-16, and their records kept in UTF-8', async () => {
    for (const name of ['in.json', 'in.ndjson']) {
      const bytes = encode('\ufeff{"a":"ñ"}\n{"b":1}', 'utf-16be')
      const { rows: found } = await readRows(name, bytes, 5)
      expect(found).toMatchObject([
        { line: 1, raw: '{"a":"ñ"}', value: { a: 'ñ' } },
        { line: 2, raw: '{"b":1}', value: { b: 1 } },
      ])
    }
  })

  test('any text survives, with the place of each record exact', async () => {
    const letters = fc.string({
      unit: fc.constantFrom('a', 'ñ', '日', '😀', ',', '"', '\n', '\r', '\r\n', '1'),
      maxLength: 40,
    })
    const all = fc.constantFrom<Encoding>('utf-8', 'utf-16le', 'utf-16be')
    const formats = fc.constantFrom<Format>('csv', 'ndjson')
    await fc.assert(
      fc.asyncProperty(
        letters,
        all,
        formats,
        fc.integer({ min: 1, max: 9 }),
        async (body, encoding, format, size) => {
          const whole = `h,k\n${body}x`
          const bytes = encode(`\ufeff${whole}`, encoding)
          const plain = await readRows('in', encode(whole, 'utf-8'), 100, { format, delimiter: ',' })
          const other = await readRows('in', bytes, size, { format, delimiter: ',' })
          expect(other.rows.map(bare)).toEqual(plain.rows.map(bare))
          for (const [i, { offset }] of other.rows.entries()) {
            if (format === 'ndjson') continue
            const raw = other.raws[i] ?? Buffer.alloc(0)
            expect(bytes.subarray(offset, offset + raw.length).equals(raw)).toBe(true)
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('bytes that are not what the encoding says', () => {
  test.each<[string, Buffer, ParseOptions, string]>([
    [
      'Latin-1 in UTF-8',
      Buffer.from('id,n\n1,a\n2,\xf1\n3,b\n', 'latin1'),
      {},
      'This is not UTF-8: 0xF1 at byte 11',
    ],
    [
      'a byte that Windows-1252 does not have',
      Buffer.from('id,n\n1,a\n2,\x81\n3,b\n', 'latin1'),
      { encoding: 'windows-1252' },
      'This is not Windows-1252: 0x81 at byte 11.',
    ],
    [
      'half a character of UTF-16',
      Buffer.concat([
        encode('\ufeffid,n\n1,a\n2,', 'utf-16be'),
        Buffer.from([0xd8, 0x3d]),
        encode('\n3,b\n', 'utf-16be'),
      ]),
      {},
      'This is not UTF-16: 0xD83D at byte 24.',
    ],
    [
      'a replacement character that stands there before a byte that is wrong',
      Buffer.concat([Buffer.from('id,n\n1,a\n2,\ufffd'), Buffer.from([0xe9]), Buffer.from('\n3,b\n')]),
      {},
      'This is not UTF-8: 0xE9 at byte 14',
    ],
  ])('%s cost one row, which says where', async (_, bytes, options, words) => {
    for (const size of chunkSizes) {
      const { rows: found } = await readRows('in.csv', bytes, size, options)
      expect(found).toMatchObject([
        { row: 1, line: 2, cells: ['1', 'a'] },
        { row: 2, line: 3, problem: { code: 'encoding', message: expect.stringContaining(words) as string } },
        { row: 3, line: 4, cells: ['3', 'b'] },
      ])
    }
  })

  test('half a pair at the end of UTF-16 is told', async () => {
    const bytes = Buffer.concat([encode('\ufeffid,n\n1,a\n', 'utf-16le'), Buffer.from([0x31])])
    await expect(readRows('in.csv', bytes, 3)).rejects.toMatchObject({
      code: 'file_cut',
      message: 'in.csv is UTF-16 and ends in the middle of a character.',
    })
  })

  test.each<[string, Buffer, Encoding, string]>([
    ['UTF-16 by its mark', encode('\ufeffid,n\n1,a\n', 'utf-16le'), 'utf-8', 'utf-16le'],
    ['UTF-16 by its zeros', encode('id,name\n1,abcdef\n', 'utf-16le'), 'latin1', 'utf-16le'],
    ['UTF-8 by its mark', encode('\ufeffid,n\n1,a\n', 'utf-8'), 'windows-1252', 'utf-8'],
    ['UTF-8 by its letters', encode('id,n\n1,España\n', 'utf-8'), 'latin1', 'utf-8'],
    ['one byte a letter', encode('id,n\n1,a\n', 'utf-8'), 'utf-16le', 'utf-8'],
    ['the other order', encode('\ufeffid,n\n1,a\n', 'utf-16be'), 'utf-16le', 'utf-16be'],
  ])('%s is not what was said, and said so before a row is read', async (_, bytes, encoding, is) => {
    await expect(readRows('in.csv', bytes, 9, { encoding })).rejects.toMatchObject({
      code: 'encoding_other',
      next: `Leave out --encoding, or set the right one: --encoding ${is}`,
    })
  })
})

/** A row without what lies in its own bytes. */
function bare(row: Found): object {
  return { ...row, raw: '', offset: 0 }
}

interface Found {
  row: number
  line: number
  offset: number
  raw: string
}

async function readRows(name: string, bytes: Buffer, size: number, options: ParseOptions = {}) {
  const file = await parse(name, chunked(bytes, size), options)
  const found = await collect(file.batches)
  return {
    encoding: file.encoding,
    raws: found.map(({ raw }) => Buffer.from(raw)),
    rows: found.map(
      ({ row, line, offset, raw, content }): Found => ({
        row,
        line,
        offset,
        raw: Buffer.from(raw).toString(),
        ...content,
      }),
    ),
  }
}

function encode(characters: string, encoding: Encoding): Buffer {
  if (encoding === 'utf-8') return Buffer.from(characters)
  if (encoding === 'utf-16le') return Buffer.from(characters, 'utf16le')
  return encoding === 'utf-16be'
    ? Buffer.from(characters, 'utf16le').swap16()
    : Buffer.from(characters, 'latin1')
}
