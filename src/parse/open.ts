import { createReadStream, existsSync } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { glob, isDynamicPattern } from 'tinyglobby'
import { type NextStep, nextSteps } from '../model/next-command.ts'
import { TrackSyncError } from '../model/problem.ts'
import { ofCaller } from './caller.ts'
import { empty } from './problems.ts'
import { Sealed, sealed } from './seal.ts'
import type { Source, Stream } from './source.ts'

/**
 * Files by path or pattern, and sources as they are, in the given order; what a pattern finds comes in the order of its
 * names. A relative path starts from the first folder that has it.
 */
export async function openSources(
  files: readonly (string | Source | Stream)[],
  folders: readonly string[] = [''],
): Promise<(Sealed | Stream)[]> {
  const sources: (Sealed | Stream)[] = []
  const seen = new Map<string, string>()
  for (const file of files) {
    if (typeof file !== 'string') {
      sources.push(opened(file))
      continue
    }
    const places = placesOf(file, folders)
    const found = places.some(existsSync) ? [] : await matches(file, folders)
    for (const path of found.length > 0 ? found : [file]) {
      const place = placesOf(path, folders).find(existsSync) ?? path
      const real = await realpath(place).catch(() => place)
      const before = seen.get(real)
      // A pattern that finds what was named before finds nothing new; a name that comes twice is a mistake.
      if (before !== undefined && found.length > 0) continue
      if (before !== undefined) throw twice(path, before)
      seen.set(real, path)
      sources.push(await openFile(path, place))
    }
  }
  return sources
}

/** A source that was opened before is as it was; one of the caller's is read with care. */
function opened(file: Source | Stream): Sealed | Stream {
  if (file instanceof Sealed) return file
  const input = ofCaller(file)
  return 'stream' in input ? input : sealed(input)
}

function placesOf(path: string, folders: readonly string[]): string[] {
  return folders.map(folder => resolve(folder, path))
}

/** The files that a pattern such as `exports/*.csv` finds, as they are named from where it starts. */
async function matches(pattern: string, folders: readonly string[]): Promise<string[]> {
  if (!isDynamicPattern(pattern)) return []
  for (const folder of folders) {
    const found = await glob(pattern, { cwd: resolve(folder), expandDirectories: false, dot: false })
    if (found.length > 0) return found.toSorted()
  }
  throw new TrackSyncError('file_not_found', `No file matches ${pattern}.`, {
    file: pattern,
    expected: 'a pattern that matches at least one file',
    next: nextSteps.list(folderNear(pattern)),
  })
}

/** A file that is called `path` and lies at `place`; a pipe is the stream that it is. */
async function openFile(path: string, place: string): Promise<Sealed | Stream> {
  const info = await stat(place).catch(() => undefined)
  const isStream = info?.isFIFO() === true || info?.isCharacterDevice() === true
  return isStream ? opened({ name: path, stream: readPipe(place) }) : await openOnDisk(path, place)
}

/** Opened when it is read: to open a pipe is to wait for who writes into it, and nobody may want it after all. */
async function* readPipe(place: string): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(place)) yield chunk as Buffer
}

/** A file on disk, refused at once where it is missing, a folder, or empty. */
export async function openOnDisk(path: string, place = path): Promise<Sealed> {
  const info = await stat(place).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT'
      ? new TrackSyncError('file_not_found', `There is no file ${path}.`, {
          file: path,
          next: nextSteps.list(folderNear(path)),
        })
      : notReadable(path, `cannot be read: ${error.message}`)
  })
  if (info.isDirectory())
    throw notReadable(path, 'is a folder', nextSteps.list(path, 'Name the files in it.'))
  if (!info.isFile()) throw notReadable(path, 'is not a file')
  if (info.size === 0) throw empty(path, 'is empty')
  return new Sealed({ name: path, chunks: () => readFile(path, place) })
}

/** The file as long as it is when reading begins: one that grows meanwhile is read by nobody to its end. */
async function* readFile(path: string, place: string): AsyncIterable<Uint8Array> {
  try {
    const before = await stat(place)
    const all = { highWaterMark: 64 * 1024, end: Math.max(0, before.size - 1) }
    for await (const chunk of createReadStream(place, all)) yield chunk as Buffer
    const after = await stat(place)
    if (after.size !== before.size || after.mtimeMs !== before.mtimeMs) {
      const how = after.size === before.size ? 'changed' : `went from ${before.size} to ${after.size} bytes`
      throw new TrackSyncError('file_changed', `${path} ${how} while it was being read.`, {
        file: path,
        expected: 'a file that nothing is writing to',
        next: 'Wait until it is complete, then start again.',
      })
    }
  } catch (error) {
    if (error instanceof TrackSyncError) throw error
    throw notReadable(path, `cannot be read: ${(error as Error).message}`)
  }
}

/** The folder that a path, or the names of a pattern, should lie in; where that is missing, the nearest there is. */
function folderNear(path: string): string {
  let folder = dirname(path)
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder)
  return folder
}

function notReadable(path: string, why: string, next?: NextStep): TrackSyncError {
  return new TrackSyncError('file_not_readable', `${path} ${why}.`, {
    file: path,
    expected: 'a file',
    ...(next === undefined ? {} : { next }),
  })
}

function twice(path: string, before: string): TrackSyncError {
  const same = path === before ? `${path} is named twice` : `${path} and ${before} are the same file`
  return new TrackSyncError('file_twice', `${same}; each of its rows would be sent twice.`, {
    file: path,
    expected: 'each file once',
  })
}
