import { statSync } from 'node:fs'
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createRunFolder, findRunFolder, journalName, removeRunFolder } from '../../src/journal/folder.ts'
import { temporaryFolder } from './temporary.ts'
import { run } from './told.ts'

const startedAt = Date.parse('2024-05-06T07:08:09.123Z')

describe('the folder of a new run', () => {
  test.each([
    ['customers.csv', '20240506-070809-customers'],
    ['/data/in put (1).ndjson', '20240506-070809-in-put-1-'],
    ['clientes año.csv', '20240506-070809-clientes-año'],
    ['../../etc/passwd', '20240506-070809-passwd'],
  ])('is named by the time and the first file (%s)', async (file, id) => {
    const runsDir = await temporaryFolder()
    expect(await createRunFolder(runsDir, undefined, file, startedAt)).toEqual({
      id,
      folder: join(runsDir, id),
    })
  })

  test('has a name of bearable length, whatever the file is called', async () => {
    const { id } = await createRunFolder(await temporaryFolder(), undefined, 'x'.repeat(400), startedAt)
    expect(id.length).toBeLessThan(100)
  })

  test('is for its owner alone, and the folder of all runs is made where it is not there', async () => {
    const runsDir = join(await temporaryFolder(), 'deep', 'reports')
    const { folder } = await createRunFolder(runsDir, undefined, 'a.csv', startedAt)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
  })

  test('of a second run in the same second gets a number, also where many begin at once', async () => {
    const runsDir = await temporaryFolder()
    const made = await Promise.all(
      Array.from({ length: 4 }, () => createRunFolder(runsDir, undefined, 'a.csv', startedAt)),
    )
    expect(made.map(one => one.id).toSorted()).toEqual([
      '20240506-070809-a',
      '20240506-070809-a-2',
      '20240506-070809-a-3',
      '20240506-070809-a-4',
    ])
  })

  test('has the name that was asked for', async () => {
    const runsDir = await temporaryFolder()
    expect(await createRunFolder(runsDir, 'nightly', 'a.csv', startedAt)).toEqual({
      id: 'nightly',
      folder: join(runsDir, 'nightly'),
    })
  })

  test('is refused where the name is taken, and what is there stays', async () => {
    const runsDir = await temporaryFolder()
    const { folder } = await createRunFolder(runsDir, 'nightly', 'a.csv', startedAt)
    await writeFile(join(folder, 'precious'), '')
    await expect(createRunFolder(runsDir, 'nightly', 'a.csv', startedAt)).rejects.toMatchObject({
      code: 'run_exists',
      next: expect.stringContaining(folder) as unknown,
    })
    expect(await readdir(folder)).toEqual(['precious'])
  })

  test.each(['', '.', '..', '../elsewhere', 'a/b', '/tmp/x', '.hidden', 'latest'])(
    'cannot be called %j',
    async id => {
      const runsDir = await temporaryFolder()
      await expect(createRunFolder(runsDir, id, 'a.csv', startedAt)).rejects.toMatchObject({
        code: 'settings_invalid',
      })
      expect(await readdir(runsDir)).toEqual([])
    },
  )
})

describe('a run is found', () => {
  test('by its path, absolute or relative, and by its id', async () => {
    const runsDir = await temporaryFolder()
    const folder = await runIn(runsDir, 'nightly')
    expect(await findRunFolder('/nowhere', folder)).toBe(folder)
    const typed = relative(process.cwd(), folder)
    expect(await findRunFolder('/nowhere', typed)).toBe(typed)
    expect(await findRunFolder(runsDir, 'nightly')).toBe(folder)
  })

  test('as the latest, which is the one that began last, whatever its name', async () => {
    const runsDir = await temporaryFolder()
    await runIn(runsDir, 'b')
    const last = await runIn(runsDir, 'a', join(runsDir, 'b'))
    await mkdir(join(runsDir, 'z-without-a-journal'))
    await writeFile(join(runsDir, 'z-a-file'), '')
    expect(await findRunFolder(runsDir, 'latest')).toBe(last)
  })

  test('as the latest by its own word: one that was copied or checked out since is no later run', async () => {
    const runsDir = await temporaryFolder()
    for (const [id, at] of [
      ['today', 2000],
      ['copied', 1000],
    ] as const) {
      await mkdir(join(runsDir, id))
      await writeFile(join(runsDir, id, journalName), `${JSON.stringify({ ...run, at })}\n`)
    }
    expect(await findRunFolder(runsDir, 'latest')).toBe(join(runsDir, 'today'))
  })

  test('or it is said that there is none, and where was looked', async () => {
    const runsDir = await temporaryFolder()
    await mkdir(join(runsDir, 'empty'))
    for (const name of ['empty', 'nightly', join(runsDir, 'empty')]) {
      const error = await findRunFolder(runsDir, name).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'run_not_found' })
      expect(String(error)).toContain(runsDir)
    }
  })

  test('and where there are no runs at all, latest says so', async () => {
    const runsDir = await temporaryFolder()
    await expect(findRunFolder(runsDir, 'latest')).rejects.toMatchObject({ code: 'run_not_found' })
    await expect(findRunFolder(join(runsDir, 'none'), 'latest')).rejects.toMatchObject({
      code: 'run_not_found',
    })
  })
})

test('a run that never got as far as sending leaves nothing behind', async () => {
  const runsDir = await temporaryFolder()
  const { folder } = await createRunFolder(runsDir, undefined, 'a.csv', startedAt)
  await writeFile(join(folder, 'stdin'), 'x')
  await removeRunFolder(folder)
  expect(await readdir(runsDir)).toEqual([])
})

/** A run with a journal; with `after`, its journal is younger than that run's, as far as the disk can tell. */
async function runIn(runsDir: string, id: string, after?: string): Promise<string> {
  const folder = join(runsDir, id)
  await mkdir(folder)
  const older = after === undefined ? 0 : (await stat(join(after, journalName))).birthtimeMs
  // A file system tells moments apart by ticks of a few milliseconds: files are made until one is younger.
  for (let i = 0; ; i++) {
    const scratch = join(runsDir, `scratch-${id}-${i}`)
    await writeFile(scratch, '')
    if ((await stat(scratch)).birthtimeMs > older) break
  }
  await writeFile(join(folder, journalName), '')
  return folder
}

describe('a folder where nothing can be made', () => {
  test('is refused, and nobody waits for ever', async () => {
    const file = join(await temporaryFolder(), 'file')
    await writeFile(file, '')
    for (const runsDir of [
      file,
      join(file, 'reports'),
      join(file, 'a', 'b'),
      '/proc/x/y',
      '/proc/x/y/z',
      '/dev/null/a',
    ])
      await expect(createRunFolder(runsDir, undefined, 'a.csv', startedAt)).rejects.toMatchObject({
        code: 'run_not_writable',
      })
  })

  test('is made by two at once', async () => {
    const runsDir = join(await temporaryFolder(), 'a', 'b', 'c')
    const made = await Promise.all(
      Array.from({ length: 8 }, (_, i) => createRunFolder(runsDir, `run${i}`, 'a.csv', startedAt)),
    )
    expect(made.map(({ id }) => id)).toHaveLength(8)
  })
})
