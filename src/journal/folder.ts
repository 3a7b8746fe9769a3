import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { nextSteps } from '../model/next-command.ts'
import { TrackSyncError } from '../model/problem.ts'
import { makeFolder } from './make-folder.ts'
import { readHead } from './reader.ts'

export const journalName = 'journal.ndjson'

/** Makes the folder of a new run. Without an id of the user's, one is made of the time and the first file's name. */
export async function createRunFolder(
  runsDir: string,
  id: string | undefined,
  firstFile: string,
  startedAt: number,
): Promise<{ id: string; folder: string }> {
  await makeFolder(runsDir).catch(notWritable(runsDir))
  if (id !== undefined) {
    if (basename(id) !== id || id === '' || id.startsWith('.') || id === 'latest') {
      throw new TrackSyncError('settings_invalid', `\`${id}\` cannot be the name of a run.`, {
        expected: 'a folder name',
      })
    }
    const folder = join(runsDir, id)
    if (await tryMkdir(folder)) return { id, folder }
    const head = await readHead(join(folder, journalName)).catch(() => undefined)
    const advice = 'Choose another --run-id, or look at what is there:'
    throw new TrackSyncError('run_exists', `The run ${folder} already exists; runs are never overwritten.`, {
      next: head === undefined ? nextSteps.list(folder, advice) : nextSteps.look(folder, {}, advice),
    })
  }
  const time = new Date(startedAt)
    .toISOString()
    .replaceAll(/[-:]|\..*/g, '')
    .replace('T', '-')
  const name = stemOf(firstFile)
  for (let number = 1; ; number++) {
    const made = `${time}-${name}${number === 1 ? '' : `-${number}`}`
    const folder = join(runsDir, made)
    if (await tryMkdir(folder)) return { id: made, folder }
  }
}

/** The name of a file as a part of a folder's name. */
export function stemOf(file: string): string {
  return basename(file)
    .replace(/\.[^.]*$/, '')
    .replaceAll(/[^\p{L}\p{N}_-]+/gu, '-')
    .slice(0, 60)
}

/** The folder of a run given by path, by id, or as `latest`. */
export async function findRunFolder(runsDir: string, run: string): Promise<string> {
  if (run === 'latest') return await latest(runsDir)
  for (const folder of [run, join(runsDir, run)]) if (await hasJournal(folder)) return folder
  throw new TrackSyncError(
    'run_not_found',
    `No run \`${run}\` was found, neither as a path nor in ${runsDir}.`,
    {
      expected: 'the path of a run, its id, or latest',
      ...((await isFolder(runsDir)) ? { next: nextSteps.list(runsDir, 'List the runs:') } : {}),
    },
  )
}

/** Takes away the folder of a run that never got as far as sending. */
export async function removeRunFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
}

async function latest(runsDir: string): Promise<string> {
  const names = await readdir(runsDir).catch(() => [])
  const runs: { folder: string; at: number }[] = []
  for (const name of names) {
    const folder = join(runsDir, name)
    const path = join(folder, journalName)
    const journal = await stat(path).catch(() => undefined)
    if (journal === undefined) continue
    // When it began, by its own word: a folder that was copied, or checked out, is no later run.
    const head = await readHead(path).catch(() => undefined)
    runs.push({ folder, at: head?.at ?? journal.birthtimeMs })
  }
  const last = runs.toSorted((a, b) => b.at - a.at || (a.folder < b.folder ? 1 : -1))[0]
  if (last === undefined) throw new TrackSyncError('run_not_found', `There are no runs in ${runsDir}.`)
  return last.folder
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    info => info.isDirectory(),
    () => false,
  )
}

async function hasJournal(folder: string): Promise<boolean> {
  return await stat(join(folder, journalName)).then(
    () => true,
    () => false,
  )
}

/** Where nothing can be written, nothing is begun. */
export function notWritable(path: string): (error: Error) => never {
  return error => {
    throw new TrackSyncError('run_not_writable', `Cannot write a run to ${path}: ${error.message}.`, {
      file: path,
      expected: 'a writable folder',
      next: `Make ${path} writable, or choose another folder with --runs-dir.`,
    })
  }
}

async function tryMkdir(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { mode: 0o700 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    return notWritable(folder)(error as Error)
  }
}
