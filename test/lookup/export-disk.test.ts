import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createIndex } from '../../src/lookup/export-index.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { openExport } from '../../src/run/open-export.ts'
import { bareEnv } from '../support/cli.ts'
import { root } from '../support/pages.ts'
import { temporaryFolder } from '../support/run-folder.ts'
import { linesOf, seen, written } from './exports.ts'

const folder = temporaryFolder()
const newFolder = () => mkdtempSync(join(folder, 'index-'))
const users = (count: number): JsonObject[] =>
  Array.from({ length: count }, (_, i) => ({
    external_id: `user-${(i * 7919) % count}`,
    braze_id: `${i}`.padStart(24, '0'),
    user_aliases: ['crm', 'shop'].map(alias_label => ({ alias_name: `${alias_label}-${i}`, alias_label })),
    email: `${i}@x.org`,
    custom_attributes: { i },
  }))

describe('the index', () => {
  test('lies in a folder of its own, which only its owner may enter, and is gone after close', async () => {
    const place = join(newFolder(), 'new')
    const source = await openExport(written(folder, { 'a.gz': gzipSync(linesOf(users(50))) }), place)
    const [own = '', ...others] = readdirSync(place)
    expect(others).toEqual([])
    expect(statSync(join(place, own)).mode & 0o777).toBe(0o700)
    const files = readdirSync(join(place, own), { withFileTypes: true }).filter(entry => entry.isFile())
    expect(files.map(({ name }) => name).toSorted()).toEqual(['index.db', 'users.ndjson'])
    for (const { name } of files) expect(statSync(join(place, own, name)).mode & 0o777, name).toBe(0o600)
    await source.close()
    expect(readdirSync(place)).toEqual([])
    await source.close()
    expect(await source.look({ user: '{"external_id":"user-1"}', fields: [] })).toMatchObject({
      unseen: { why: 'stopped' },
    })
  })

  test('is gone where the export could not be read', async () => {
    const place = newFolder()
    const paths = written(folder, { 'a.txt': linesOf(users(50)), 'b.csv': 'a,b\n1,2\n' })
    await expect(openExport(paths, place)).rejects.toMatchObject({ code: 'export_without_users' })
    expect(readdirSync(place)).toEqual([])
  })

  test('two of them lie in one folder, and each is its own', async () => {
    const place = newFolder()
    const [one, two] = await Promise.all(
      ['one', 'two'].map(async name =>
        openExport(written(folder, { 'a.txt': linesOf([{ external_id: name }]) }), place),
      ),
    )
    if (one === undefined || two === undefined) throw new Error('They were not opened.')
    expect((await seen(one, { external_id: 'two' })).profile).toBeNull()
    await one.close()
    expect((await seen(two, { external_id: 'two' })).profile).toEqual({ external_id: 'two' })
    await two.close()
    expect(readdirSync(place)).toEqual([])
  })

  test('a folder in which nothing can be made is told', async () => {
    const file = join(newFolder(), 'file')
    writeFileSync(file, '')
    const paths = written(folder, { 'a.txt': linesOf(users(1)) })
    await expect(openExport(paths, join(file, 'in'))).rejects.toMatchObject({
      code: 'run_not_writable',
      next: expect.stringContaining('free some space') as string,
    })
  })

  test('a file of the export that nobody may read is told', async () => {
    const [path = ''] = written(folder, { 'a.txt': linesOf(users(1)) })
    chmodSync(path, 0)
    const isAllowed = await openExport([path], folder).then(
      async source => {
        await source.close()
        return true
      },
      (error: unknown) => error,
    )
    // To root, everything is readable.
    if (process.getuid?.() === 0) expect(isAllowed).toBe(true)
    else expect(isAllowed).toMatchObject({ code: 'file_not_readable' })
  })
})

describe('an abort', () => {
  const reason = new Error('interrupted')

  test('before it begins', async () => {
    const place = newFolder()
    const opening = openExport(
      written(folder, { 'a.txt': linesOf(users(5)) }),
      place,
      AbortSignal.abort(reason),
    )
    await expect(opening).rejects.toBe(reason)
    expect(readdirSync(place)).toEqual([])
  })

  test('at any moment: while it is read, and while it is sorted', async () => {
    const paths = written(folder, { 'a.txt': linesOf(users(1000)) })
    let ended: unknown = reason
    let times = 0
    while (ended === reason) {
      const place = newFolder()
      const signal = abortedAfter(++times, reason)
      ended = await openExport(paths, place, signal, { keysInMemory: 500 }).then(
        async source => await source.close(),
        (error: unknown) => error,
      )
      expect(readdirSync(place)).toEqual([])
    }
    expect(ended).toBeUndefined()
    expect(times).toBeGreaterThan(4)
  })
})

describe('the keys of an index', () => {
  const few = fc.array(fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'é', '山'), { maxLength: 4 }), {
    maxLength: 30,
  })

  test('lead to all who have them, the latest first, however few fit into memory', async () => {
    await fc.assert(
      fc.asyncProperty(few, fc.integer({ min: 1, max: 9 }), async (keysOfUsers, keysInMemory) => {
        const index = await createIndex(newFolder(), { keysInMemory })
        try {
          for (const [user, keys] of keysOfUsers.entries())
            index.add(keys, { file: 1, at: user * 10, bytes: 9 })
          await index.finish()
          for (const key of ['a', 'b', 'c', 'd', 'é', '山', 'none']) {
            const owners = [...keysOfUsers.entries()].flatMap(([user, keys]) =>
              new Set<string>(keys).has(key) ? [user] : [],
            )
            const expected = owners.toReversed().map(user => ({ user, file: 1, at: user * 10, bytes: 9 }))
            expect(index.find(key, 100)).toEqual(expected)
            expect(index.find(key, 2)).toEqual(expected.slice(0, 2))
          }
        } finally {
          index.close()
        }
      }),
      { numRuns: 25 },
    )
  })

  test('lead to places beyond 4 GB', async () => {
    const index = await createIndex(newFolder())
    const place = { file: 70_000, at: 2 ** 45 + 1, bytes: 2 ** 24 }
    index.add(['a'], place)
    await index.finish()
    expect(index.find('a', 1)).toEqual([{ user: 0, ...place }])
    index.close()
  })
})

test('100,000 users fit into a heap of 32 MB, half of them packed', async () => {
  const half = linesOf(users(100_000)).split(/(?<="i":49999\}\}\n)/)
  const paths = written(folder, { 'a.txt': half[0] ?? '', 'b.gz': gzipSync(half[1] ?? '', { level: 1 }) })
  const program = join(newFolder(), 'program.mjs')
  writeFileSync(
    program,
    `import { openExport } from ${JSON.stringify(String(pathToFileURL(join(root, 'dist/run/open-export.js'))))}
const [, , folder, ...paths] = process.argv
const source = await openExport(paths, folder)
let found = 0
for (let i = 0; i < 1000; i++) {
  const external_id = 'user-' + i * 97
  const { seen } = await source.look({ user: JSON.stringify({ external_id }), fields: ['custom_attributes'] })
  if (seen.profile.external_id === external_id && seen.profile.custom_attributes.i >= 0) found++
}
await source.close()
const megabytes = process.resourceUsage().maxRSS / 1024
console.log(JSON.stringify({ users: source.users, found, isSmall: megabytes < 250 }))
`,
  )
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--max-old-space-size=32', program, newFolder(), ...paths],
    { env: bareEnv() },
  )
  expect(JSON.parse(stdout)).toEqual({ users: 100_000, found: 1000, isSmall: true })
})

/** A signal that is aborted when it has been asked so often. */
function abortedAfter(times: number, reason: Error): AbortSignal {
  const controller = new AbortController()
  let asked = 0
  return Object.defineProperty(controller.signal, 'throwIfAborted', {
    value: () => {
      if (++asked >= times && !controller.signal.aborted) controller.abort(reason)
      if (controller.signal.aborted) throw reason
    },
  })
}
