import { writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/model/json.ts'
import { TrackSyncError } from '../../src/model/problem.ts'
import { openExport } from '../../src/run/open-export.ts'
import { temporaryFolder } from '../support/run-folder.ts'
import { zipped } from '../support/zip.ts'
import { asking, linesOf, responseOf, seen, written } from './exports.ts'

const folder = temporaryFolder()
const users = ['Ana', '山田', 'João', 'محمد', 'Zoë 🦊'].map(
  (name, i): JsonObject => ({
    external_id: `${name}-${i}`,
    custom_attributes: { name, nested: { list: [i, null, 'x'] } },
  }),
)
const [first = {}, second = {}, ...others] = users

describe('an export is read in each form it comes in', () => {
  test.each<[string, Record<string, string | Uint8Array>]>([
    ['the lines of a segment export', { 'a.txt': linesOf(users) }],
    [
      'lines of Windows, the last without an end',
      { 'a.json': linesOf(users).replaceAll('\n', '\r\n').trimEnd() },
    ],
    ['lines behind a byte order mark', { 'a.txt': `\ufeff${linesOf(users)}` }],
    ['lines in UTF-16', { 'a.txt': Buffer.from(`\ufeff${linesOf(users)}`, 'utf16le') }],
    ['several files', { 'a.txt': linesOf([first, second]), 'b.txt': linesOf(others) }],
    ['packed with gzip', { 'a.gz': gzipSync(linesOf(users)) }],
    ['a saved response', { 'a.json': responseOf(users) }],
    ['a saved response, laid out', { 'a.json': responseOf(users, 2) }],
    ['a packed response', { 'a.json.gz': gzipSync(responseOf(users)) }],
    ['responses as lines', { 'a.ndjson': `${responseOf([first, second])}\n${responseOf(others)}\n` }],
    [
      'responses, laid out, one behind the other',
      { 'a.json': responseOf([first], 1) + responseOf(users, 1) },
    ],
    ['an array of users', { 'a.json': JSON.stringify(users, null, 1) }],
    ['a ZIP archive', { 'a.zip': zipped({ '1.txt': linesOf([first, second]), '2.txt': linesOf(others) }) }],
    [
      'ZIP archives and a folder in one',
      { 'a.zip': zipped({ 'x/1.txt': linesOf([first]) }), b: linesOf(users) },
    ],
    [
      'a ZIP archive from a Mac',
      {
        'a.zip': zipped({ '1.txt': linesOf(users), '__MACOSX/._1.txt': '\0\0', '.DS_Store': 'x', 'x/': '' }),
      },
    ],
  ])('%s', async (_, files) => {
    await asking(folder, files, async source => {
      for (const user of users) {
        const { profile } = await seen(source, { external_id: user['external_id'] ?? '' })
        expect(profile).toEqual(user)
      }
      expect(await seen(source, { external_id: 'nobody' })).toMatchObject({ profile: null })
      expect(source.problemsTotal).toBe(0)
    })
  })

  test('a response of any size, though no record may be larger than 16 MB', async () => {
    const many = Array.from({ length: 180 }, (_, i) => ({
      external_id: `u${i}`,
      custom_attributes: { text: 'x'.repeat(100_000), i },
    }))
    await asking(folder, { 'a.json': responseOf(many) }, async source => {
      expect([source.users, source.problemsTotal]).toEqual([180, 0])
      for (const at of [0, 90, 179]) {
        const { profile } = await seen(source, { external_id: `u${at}` })
        expect(profile).toEqual(many[at])
      }
    })
  })

  test('a response that found nobody is an export', async () => {
    await asking(folder, { 'a.json': responseOf([]) }, async source => {
      expect(await seen(source, { external_id: 'nobody' })).toMatchObject({ profile: null })
    })
  })
})

describe('what is no export is refused, and told apart', () => {
  test.each<[string, string, string | Uint8Array, string]>([
    ['a table', 'a.csv', 'external_id,plan\nu1,gold\n', 'CSV'],
    ['a table that is named like a part of an export', 'a.txt', 'external_id,plan\nu1,gold\n', 'CSV'],
    ['prose', 'a.txt', 'Hello\n', 'no JSON'],
    ['a workbook', 'a.xlsx', zipped({ 'xl/book.xml': '<x/>' }), 'no JSON'],
    ['a Parquet file', 'a.txt', 'PAR1xxxx', 'a Parquet file'],
    ['other JSON', 'a.json', '{"plan":"gold"}\n{"plan":"silver"}\n', 'other records'],
    ['an error of the API', 'a.json', '{"message":"Invalid API Key"}', 'other records'],
  ])('%s', async (_, name, content, came) => {
    const [path = ''] = written(folder, { [name]: content })
    const error = await openExport([path], folder).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TrackSyncError)
    expect(error).toMatchObject({
      code: 'export_without_users',
      problem: { expected: expect.stringContaining('/users/export/ids') as string, came },
    })
    expect((error as TrackSyncError).problem.file).toContain(path)
  })

  test.each<[string, string, string | Uint8Array, string]>([
    ['an empty file', 'a.json', '', 'file_empty'],
    ['JSON that breaks off', 'a.json', responseOf(users, 1).slice(0, -20), 'file_cut'],
    [
      'a ZIP archive that breaks off',
      'a.zip',
      zipped({ 'a.txt': linesOf(users) }).subarray(0, -30),
      'file_packed',
    ],
    ['a packed file that breaks off', 'a.gz', gzipSync(linesOf(users)).subarray(0, -9), 'file_packed'],
  ])('%s', async (_, name, content, code) => {
    await expect(openExport(written(folder, { [name]: content }), folder)).rejects.toMatchObject({ code })
  })

  test('a ZIP archive with other bytes than were packed', async () => {
    const archive = zipped({ 'a.txt': linesOf(users) })
    // The checksum in the directory is that of other content; the sizes are the same.
    const directory = archive.indexOf(Buffer.from([0x50, 0x4b, 1, 2]))
    archive.writeUInt32LE(7, directory + 16)
    await expect(openExport(written(folder, { 'a.zip': archive }), folder)).rejects.toMatchObject({
      code: 'file_packed',
    })
  })

  test('a file that is not there', async () => {
    await expect(openExport(['nowhere.json'], folder)).rejects.toMatchObject({ code: 'file_not_found' })
  })

  test('one of several, whatever the others hold', async () => {
    const paths = written(folder, { 'a.txt': linesOf(users), 'b.txt': '{"plan":"gold"}\n' })
    await expect(openExport(paths, folder)).rejects.toMatchObject({ code: 'export_without_users' })
  })
})

describe('a record that cannot be used', () => {
  test('stops and hides no other, and is told with its line', async () => {
    const lines = [
      '{"external_id":"a"}',
      '{"external_id":"b"',
      '',
      'null',
      '[1]',
      '{"plan":"gold"}',
      '{"external_id":""}',
      '{"external_id":"z"}',
    ]
    await asking(folder, { 'a.txt': lines.join('\n') }, async source => {
      expect(source.users).toBe(2)
      for (const external_id of ['a', 'z'])
        expect(await seen(source, { external_id })).toMatchObject({ profile: { external_id } })
      expect(source.problems.map(({ line }) => line)).toEqual([2, 4, 5, 6, 7])
      expect(source.problems[0]?.file).toMatch(/a\.txt$/)
      expect(source.problems[0]?.message).toMatch(/not valid JSON/)
      expect(source.problems[3]?.message).toMatch(/no exported user/)
    })
  })

  test('is counted, however many there are, and only the first are kept', async () => {
    const content = `{"external_id":"a"}\n${'{]\n'.repeat(5000)}{"external_id":"z"}\n`
    await asking(folder, { 'a.txt': content }, async source => {
      expect([source.users, source.problemsTotal, source.problems.length]).toEqual([2, 5000, 100])
    })
  })

  test('is one of a response, beside its users', async () => {
    const content = JSON.stringify({ users: [{ external_id: 'a' }, { plan: 'gold' }, 7] })
    await asking(folder, { 'a.json': content }, async source => {
      expect(await seen(source, { external_id: 'a' })).toMatchObject({ profile: { external_id: 'a' } })
      expect(source.problems.map(({ message }) => message)).toEqual([
        expect.stringMatching(/^2 of its 3 users/),
      ])
    })
  })

  test('is none where only a request could not carry it', async () => {
    const content = '{"external_id":"a","custom_attributes":{"n":12345678901234567890,"h":"\\ud83d"}}\n'
    await asking(folder, { 'a.txt': content }, async source => {
      expect(source.problemsTotal).toBe(0)
      expect(await seen(source, { external_id: 'a' })).toMatchObject({
        profile: { custom_attributes: { h: '\ud83d' } },
      })
    })
  })
})

test('a file that has changed since is told, and no other profile is shown', async () => {
  const [path = ''] = written(folder, { 'a.txt': linesOf(users) })
  const source = await openExport([path], folder)
  try {
    writeFileSync(path, 'x'.repeat(40))
    const look = await source.look({ user: '{"external_id":"山田-1"}', fields: [] })
    expect(look).toEqual({ unseen: { why: 'failed', message: `${path} has changed since it was read.` } })
  } finally {
    await source.close()
  }
})
