import { appendFileSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { TrackSyncError } from '../../src/model/problem.ts'
import { fingerprinted, FingerprintedSource } from '../../src/parse/fingerprinted-source.ts'
import { openSources } from '../../src/parse/open.ts'
import { chunked } from '../support/parse-read.ts'
import { temporaryFolder } from '../support/run-folder.ts'

const folder = temporaryFolder()
const path = (name: string) => join(folder, name)
mkdirSync(path('day'))
for (const name of ['b.csv', 'a.csv', 'day/c.csv', 'day/d.ndjson', '[x].csv']) writeFileSync(path(name), name)

describe('files by name and by pattern', () => {
  test.each([
    [
      ['b.csv', 'a.csv'],
      ['b.csv', 'a.csv'],
    ],
    [['?.csv'], ['a.csv', 'b.csv']],
    [['day/*'], ['day/c.csv', 'day/d.ndjson']],
    [['**/{c,a}.csv'], ['a.csv', 'day/c.csv']],
    [
      ['b.csv', '*.csv'],
      ['b.csv', '[x].csv', 'a.csv'],
    ],
    [['[x].csv'], ['[x].csv']],
  ])('%j are %j', async (files, found) => {
    const sources = await openSources(files, [folder])
    expect(sources.map(({ name }) => name)).toEqual(found)
  })

  test.each([
    [['nothing.csv'], 'file_not_found', 'There is no file nothing.csv.'],
    [['x*.csv'], 'file_not_found', 'No file matches x*.csv.'],
    [['day'], 'file_not_readable', 'day is a folder.'],
    [['a.csv', 'a.csv'], 'file_twice', 'a.csv is named twice'],
    [['a.csv', './day/../a.csv'], 'file_twice', './day/../a.csv and a.csv are the same file'],
  ])('%j end with %s', async (files, code, words) => {
    const error = await openSources(files, [folder]).catch((caught: TrackSyncError) => caught)
    expect(error).toMatchObject({ code, message: expect.stringContaining(words) as string })
  })

  test('a link to a file that is named already is that file', async () => {
    symlinkSync(path('a.csv'), path('link.csv'))
    await expect(openSources(['a.csv', 'link.csv'], [folder])).rejects.toMatchObject({ code: 'file_twice' })
  })

  test('a pipe is a stream, read once', async () => {
    const [source] = await openSources(['/dev/null'])
    expect(source).toMatchObject({ name: '/dev/null', stream: expect.anything() as object })
  })
})

describe('a file that changes', () => {
  test('grown while it is read is told, and not read for ever', async () => {
    const source = await file('growing.csv', 600_000)
    let read = 0
    const reading = async () => {
      for await (const chunk of source.chunks()) {
        read += chunk.length
        appendFileSync(path('growing.csv'), Buffer.alloc(300_000, 'y'))
      }
    }
    await expect(reading()).rejects.toMatchObject({
      code: 'file_changed',
      message: expect.stringMatching(/went from 600000 to \d+ bytes while it was being read/) as string,
    })
    expect(read).toBe(600_000)
  })

  test('cut while it is read is told', async () => {
    const source = await file('shrinking.csv', 600_000)
    const reading = async () => {
      for await (const _ of source.chunks()) truncateSync(path('shrinking.csv'), 10)
    }
    await expect(reading()).rejects.toMatchObject({ code: 'file_changed' })
  })

  test.each([
    ['in its first block', 5],
    ['in its second block', 1_500_000],
    ['in its last byte', 2_499_999],
  ])('%s after it was planned is told before that block is handed over', async (_, at) => {
    const name = `changed-${at}.csv`
    const source = await file(name, 2_500_000)
    await source.fingerprint()
    const bytes = Buffer.alloc(2_500_000, 'x')
    bytes[at] = 0x7a
    writeFileSync(path(name), bytes)
    let handed = 0
    const reading = async () => {
      for await (const chunk of source.chunks()) {
        expect(chunk.includes(0x7a)).toBe(false)
        handed += chunk.length
      }
    }
    await expect(reading()).rejects.toMatchObject({
      code: 'file_changed',
      message: expect.stringContaining(`${name} changed beyond byte ${at - (at % 1_048_576)}`) as string,
    })
    expect(handed).toBeLessThanOrEqual(at)
  })

  test('cut after it was planned is told', async () => {
    const source = await file('cut.csv', 2_500_000)
    await source.fingerprint()
    truncateSync(path('cut.csv'), 1_000_000)
    await expect(readAll(source)).rejects.toMatchObject({
      code: 'file_changed',
      message: 'cut.csv was truncated to 1000000 bytes after it was planned.',
    })
  })

  test('longer since it was planned is read as far as it was planned', async () => {
    const source = await file('longer.csv', 1_200_000)
    await source.fingerprint()
    appendFileSync(path('longer.csv'), 'more')
    expect((await readAll(source)).equals(Buffer.alloc(1_200_000, 'x'))).toBe(true)
  })

  async function file(name: string, bytes: number): Promise<FingerprintedSource> {
    writeFileSync(path(name), Buffer.alloc(bytes, 'x'))
    const [source] = await openSources([name], [folder])
    if (!(source instanceof FingerprintedSource)) throw new Error('a file is sealed')
    return source
  }
})

describe('a seal', () => {
  test.each([1, 1_048_575, 1_048_576, 1_048_577, 3_145_728])(
    'of %i bytes holds, however they come',
    async size => {
      const bytes = Buffer.alloc(size, 'abc')
      let turn = 0
      const pieces = [100_000, 7_777_777, 1_048_576]
      const source = fingerprinted({ name: 's', chunks: () => chunked(bytes, pieces[turn++ % 3] ?? 1) })
      for (let i = 0; i < 4; i++) expect((await readAll(source)).equals(bytes)).toBe(true)
      expect((await source.fingerprint()).bytes).toBe(size)
    },
  )

  test('is that of the first whole reading; one that is given up seals nothing', async () => {
    const source = fingerprinted({ name: 's', chunks: () => chunked('abcdef', 2) })
    for await (const _ of source.chunks()) break
    expect((await source.fingerprint()).bytes).toBe(6)
  })
})

async function readAll(source: FingerprintedSource): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of source.chunks()) chunks.push(chunk)
  return Buffer.concat(chunks)
}
