import * as zlib from 'node:zlib'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from '../../src/parse/parse.ts'
import { isZstd, zstdFrames } from '../../src/parse/zstd.ts'
import { chunkSizes, chunked, collect } from '../support/parse-read.ts'

/** A Node that cannot pack zstd cannot unpack it either; the gate runs these tests on both kinds. */
const { zstdCompressSync } = zlib as {
  zstdCompressSync?: (bytes: Buffer | string, options?: { params: Record<number, number> }) => Buffer
}
const checksumFlag = 201

/** A frame as every zstd writes it; it holds its bytes as they are, so that no Node is needed to make it. */
function stored(text: string): Buffer {
  const bytes = Buffer.from(text)
  const header = [0x28, 0xb5, 0x2f, 0xfd, 0x20, bytes.length]
  const lastBlock = (bytes.length << 3) | 1
  return Buffer.concat([Buffer.from([...header, lastBlock & 255, lastBlock >> 8, 0]), bytes])
}

/** A frame that readers pass over; parallel packers write them. */
function skippable(bytes: number): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32LE(0x184d2a53)
  head.writeUInt32LE(bytes, 4)
  return Buffer.concat([head, Buffer.alloc(bytes, 'x')])
}

async function contents(packed: Buffer, size = 50) {
  const rows = await collect((await parse('a.csv.zst', chunked(packed, size))).batches)
  return rows.map(({ content }) => content)
}

describe('the frames of a zstd file are told apart', () => {
  test.each(chunkSizes)('in pieces of %i', async size => {
    const [first, second] = [stored('a,b\n1,2'), stored('\n3,4')]
    const file = Buffer.concat([skippable(5), first, skippable(0), skippable(70_000), second, skippable(3)])
    const frames: Buffer[] = []
    for await (const frame of zstdFrames(chunked(file, size)))
      frames.push(Buffer.concat(await fromAsync(frame)))
    expect(frames).toEqual([first, second])
  })

  test('a file that is cut anywhere but between two frames is told, and so is what follows them', async () => {
    const frames = [stored('a,b\n1,2'), skippable(4), stored('\n3,4')]
    const file = Buffer.concat(frames)
    const ends = frames.map((_, i) => Buffer.concat(frames.slice(0, i + 1)).length)
    for (let bytes = 1; bytes <= file.length; bytes++) {
      const walking = walk(file.subarray(0, bytes))
      if (ends.includes(bytes)) await expect(walking).resolves.toBeUndefined()
      else await expect(walking, `${bytes} bytes`).rejects.toThrow('unexpected end of file')
    }
    await expect(walk(Buffer.concat([file, Buffer.from('id,name')]))).rejects.toThrow(
      'something else follows',
    )
  })

  async function walk(file: Buffer): Promise<void> {
    for await (const frame of zstdFrames(chunked(file, 3))) await fromAsync(frame)
  }

  test('begins like one, or like a frame to pass over', () => {
    expect([stored('a'), skippable(0), Buffer.from('a,b\n'), Buffer.from([0x28, 0xb5])].map(isZstd)).toEqual([
      true,
      true,
      false,
      false,
    ])
  })
})

if (zstdCompressSync === undefined) {
  describe('on a Node that cannot unpack zstd', () => {
    test.each([
      ['a frame', stored('a,b\n1,2')],
      ['a frame behind one to pass over', Buffer.concat([skippable(4), stored('a,b\n1,2')])],
    ])('%s is told, with the way round', async (_, packed) => {
      await expect(contents(packed)).rejects.toMatchObject({
        code: 'file_packed',
        message: 'a.csv.zst is compressed with zstd, which this version of Node.js cannot decompress.',
        problem: { expected: 'Node.js 22.15 or newer, or a file compressed with gzip' },
        next: 'Decompress it and pipe it in: zstd -dc a.csv.zst | track-sync import -',
      })
    })
  })
} else {
  describe('on a Node that can unpack zstd', () => {
    const text = `id,name\n${Array.from({ length: 3000 }, (_, i) => `${i},name ${i}\n`).join('')}`
    const pack = (content: string) => zstdCompressSync(content, { params: { [checksumFlag]: 1 } })

    test.each(chunkSizes)('it is read, in pieces of %i', async size => {
      const small = 'id,name\n1,Ana\n2,Ñu\n'
      for (const packed of [stored(small), pack(small)]) {
        const file = await parse('export', chunked(packed, size))
        const rows = await collect(file.batches)
        expect(file.packing).toBe('zstd')
        expect(rows.map(({ content }) => content)).toEqual([{ cells: ['1', 'Ana'] }, { cells: ['2', 'Ñu'] }])
      }
    })

    test('lines and bytes are those of what it unpacks to', async () => {
      const rows = await collect((await parse('a.csv.zst', chunked(pack(text), 1000))).batches)
      expect(rows).toHaveLength(3000)
      expect(rows.at(-1)).toMatchObject({
        row: 3000,
        line: 3001,
        offset: text.length - '2999,name 2999\n'.length,
      })
    })

    test('several frames, one behind the other, are one file', async () => {
      const frames = [
        skippable(12),
        pack('id,v\n1,a\n'),
        stored(''),
        pack('2,b\n'),
        skippable(0),
        stored('3,c\n'),
      ]
      expect(await contents(Buffer.concat(frames))).toHaveLength(3)
    })

    test.each([
      ['cut', pack(text).subarray(0, 2000)],
      ['cut by its last byte', pack(text).subarray(0, -1)],
      ['cut behind its first frame', Buffer.concat([pack(text), pack(text).subarray(0, 100)])],
      ['followed by something else', Buffer.concat([pack(text), Buffer.from('id,name')])],
    ])('a file that is %s ends with a clear error', async (_, packed) => {
      await expect(contents(packed, 100)).rejects.toMatchObject({
        code: 'file_packed',
        message: expect.stringMatching(
          /^a\.csv\.zst is compressed with zstd and cannot be decompressed after byte \d+: (unexpected end of file|something else follows the compressed data)\.$/,
        ) as string,
      })
    })

    test('any change to any byte is told, or changes nothing', async () => {
      const packed = pack('id,v\n1,a\n2,b\n')
      const whole = await contents(packed)
      await fc.assert(
        fc.asyncProperty(fc.nat(packed.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
          const changed = Buffer.from(packed)
          changed[at] = (changed[at] ?? 0) ^ by
          const rows = await contents(changed).catch((error: { code: string }) => error.code)
          if (!Array.isArray(rows))
            expect(rows).toMatch(/^(file_packed|format_unknown|encoding_other|header_)/)
          else if (!rows.some(row => 'problem' in row)) expect(rows).toEqual(whole)
        }),
        { numRuns: 300 },
      )
    })
  })
}

async function fromAsync<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = []
  for await (const item of items) found.push(item)
  return found
}
