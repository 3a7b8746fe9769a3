import { brotliCompressSync, createGzip, gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from '../../src/parse/parse.ts'
import { unpack } from '../../src/parse/unpack.ts'
import { chunked, chunkSizes, collect } from '../support/parse-read.ts'

const csv = `id,name\n${Array.from({ length: 3000 }, (_, i) => `${i},name ${i}\n`).join('')}`

describe('a packed file is read by what it holds, whatever its name', () => {
  test.each(chunkSizes)('gzip and brotli in pieces of %i', async size => {
    const small = 'id,name\n1,Ana\n2,Ñu\n'
    for (const packed of [gzipSync(small), brotliCompressSync(small)]) {
      const file = await parse('export.csv', chunked(packed, size))
      const rows = await collect(file.batches)
      expect(file.packing).toBe(packed[0] === 0x1f ? 'gzip' : 'brotli')
      expect(rows.map(({ content }) => content)).toEqual([{ cells: ['1', 'Ana'] }, { cells: ['2', 'Ñu'] }])
    }
  })

  test('lines and bytes are those of what it unpacks to', async () => {
    const rows = await collect((await parse('a.csv.gz', chunked(gzipSync(csv), 1000))).batches)
    expect(rows).toHaveLength(3000)
    const last = rows.at(-1)
    expect(last).toMatchObject({ row: 3000, line: 3001, offset: csv.length - '2999,name 2999\n'.length })
  })

  test('several members of gzip, one behind the other, are one file', async () => {
    const packed = Buffer.concat([gzipSync('id,v\n1,a\n'), gzipSync('2,b\n')])
    expect(await collect((await parse('a.csv', chunked(packed, 5))).batches)).toHaveLength(2)
  })

  test('the name of a packed file tells its format, too', async () => {
    const file = await parse('a.ndjson.gz', chunked(gzipSync('{"a":1}\n{"a":2}\n'), 9))
    expect(file.format).toBe('ndjson')
  })
})

describe('a packed file that is not whole', () => {
  test.each([
    ['cut', gzipSync(csv).subarray(0, 2000)],
    ['damaged', damaged(gzipSync(csv))],
    ['followed by something else', Buffer.concat([gzipSync(csv), Buffer.from('id,name')])],
    ['brotli that is cut', brotliCompressSync(csv).subarray(0, 2000)],
  ])('%s ends with a clear error', async (_, packed) => {
    const reading = async () => collect((await parse('a.csv', chunked(packed, 100))).batches)
    await expect(reading()).rejects.toMatchObject({
      code: 'file_packed',
      message: expect.stringMatching(
        /^a\.csv is compressed with (gzip|brotli) and cannot be decompressed after byte/,
      ) as string,
    })
  })

  test('any change to any byte is told, or changes nothing', async () => {
    const packed = gzipSync('id,v\n1,a\n2,b\n')
    const whole = await rowsOf(packed)
    await fc.assert(
      fc.asyncProperty(fc.nat(packed.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const changed = Buffer.from(packed)
        changed[at] = (changed[at] ?? 0) ^ by
        const rows = await rowsOf(changed).catch((error: { code: string }) => error.code)
        const isTold = Array.isArray(rows) && rows.some(content => 'problem' in content)
        if (Array.isArray(rows)) expect(isTold ? whole : rows).toEqual(whole)
        else expect(rows).toMatch(/^(file_packed|format_unknown|encoding_other|header_)/)
      }),
      { numRuns: 300 },
    )
  })

  async function rowsOf(packed: Buffer) {
    const rows = await collect((await parse('a.csv', chunked(packed, 50))).batches)
    return rows.map(({ content }) => content)
  }
})

describe('a decompression bomb', () => {
  test('is given up before it fills anything', async () => {
    const { content } = await unpack('bomb.csv.gz', zeros(64), { bytes: 4_000_000, ratio: 400 })
    let bytes = 0
    const reading = async () => {
      for await (const chunk of content) bytes += chunk.length
    }
    await expect(reading()).rejects.toMatchObject({
      code: 'file_packed',
      message: expect.stringMatching(/decompresses to more than \d+ times its size/) as string,
      next: expect.stringContaining('gzip -dc bomb.csv.gz | track-sync import -') as string,
    })
    expect(bytes).toBeLessThan(40_000_000)
  })

  test('a table that is packed tightly is none', async () => {
    const rows = Array.from({ length: 100_000 }, (_, i) => `${i},gold,PT,true\n`).join('')
    const same = gzipSync(`id,v,c,t\n${rows}`, { level: 9 })
    const { content } = await unpack('same.csv.gz', chunked(same, 1000), { bytes: 100_000, ratio: 400 })
    let bytes = 0
    for await (const chunk of content) bytes += chunk.length
    expect(bytes).toBe(rows.length + 9)
  })

  /** So many megabytes of zeros, packed. */
  async function* zeros(megabytes: number): AsyncGenerator<Uint8Array> {
    const gzip = createGzip({ level: 9 })
    const megabyte = Buffer.alloc(1024 * 1024)
    for (let i = 0; i < megabytes; i++) gzip.write(megabyte)
    gzip.end()
    for await (const chunk of gzip) yield chunk as Buffer
  }
})

describe('a file that is no text at all', () => {
  test.each([
    ['a workbook', 'PK\u0003\u0004rest', 'a ZIP archive or an Excel workbook'],
    ['Parquet', 'PAR1xxxx', 'a Parquet file'],
    ['bzip2', 'BZh91AY', 'compressed with bzip2'],
  ])('%s is named, with what to do', async (_, first, is) => {
    await expect(parse('export.csv', chunked(Buffer.from(first), 3))).rejects.toMatchObject({
      code: 'format_unknown',
      message: `export.csv is ${is}, which cannot be read.`,
      next: expect.stringMatching(/\w/) as string,
    })
  })
})

function damaged(packed: Buffer): Buffer {
  const copy = Buffer.from(packed)
  copy.fill(0xff, 1500, 1600)
  return copy
}
