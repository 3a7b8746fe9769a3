import { createReadStream, existsSync } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { glob, isDynamicPattern } from 'tinyglobby'
import { type NextStep, nextSteps } from '../model/next-command.ts'
import { TrackSyncError } from '../model/problem.ts'
import { guardInput } from './caller-input.ts'
import { fingerprinted, FingerprintedSource } from './fingerprinted-source.ts'
import { emptyFile } from './problems.ts'
import type { Source, Stream } from './source.ts'

/**
 * Opens files by path or pattern, and sources, in the order they are passed in; files that match a pattern are sorted
 * by name. A relative path is resolved against the first folder in which it exists.
 */
export async function openSources(
  files: readonly (string | Source | Stream)[],
  folders: readonly string[] = [''],
): Promise<(FingerprintedSource | Stream)[]> {
  const sources: (FingerprintedSource | Stream)[] = []
  const pathByRealPath = new Map<string, string>()
  for (const file of files) {
    if (typeof file !== 'string') {
      sources.push(openInput(file))
      continue
    }
    const candidates = candidatePaths(file, folders)
    const matches = candidates.some(existsSync) ? [] : await expandPattern(file, folders)
    for (const path of matches.length > 0 ? matches : [file]) {
      const location = candidatePaths(path, folders).find(existsSync) ?? path
      const real = await realpath(location).catch(() => location)
      const earlierPath = pathByRealPath.get(real)
      // A pattern may match a file that was named before; naming one twice is a mistake.
      if (earlierPath !== undefined && matches.length > 0) continue
      if (earlierPath !== undefined) throw duplicateFile(path, earlierPath)
      pathByRealPath.set(real, path)
      sources.push(await openPath(path, location))
    }
  }
  return sources
}

/** A source that is fingerprinted already stays as it is; any other comes from the caller and is guarded. */
function openInput(file: Source | Stream): FingerprintedSource | Stream {
  if (file instanceof FingerprintedSource) return file
  const input = guardInput(file)
  return 'stream' in input ? input : fingerprinted(input)
}

function candidatePaths(path: string, folders: readonly string[]): string[] {
  return folders.map(folder => resolve(folder, path))
}

/** The files that match a pattern such as `exports/*.csv`, relative to the folder that the pattern starts from. */
async function expandPattern(pattern: string, folders: readonly string[]): Promise<string[]> {
  if (!isDynamicPattern(pattern)) return []
  for (const folder of folders) {
    const found = await glob(pattern, { cwd: resolve(folder), expandDirectories: false, dot: false })
    if (found.length > 0) return found.toSorted()
  }
  throw new TrackSyncError('file_not_found', `No file matches ${pattern}.`, {
    file: pattern,
    expected: 'a pattern that matches at least one file',
    next: nextSteps.list(nearestFolder(pattern)),
  })
}

/** `path` is the name to show, `location` is where the file is. A pipe is a stream. */
async function openPath(path: string, location: string): Promise<FingerprintedSource | Stream> {
  const info = await stat(location).catch(() => undefined)
  const isStream = info?.isFIFO() === true || info?.isCharacterDevice() === true
  return isStream ? openInput({ name: path, stream: readPipe(location) }) : await openOnDisk(path, location)
}

/** Opened lazily: opening a pipe blocks until somebody writes to it, and it may never be read. */
async function* readPipe(location: string): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(location)) yield chunk as Buffer
}

/** Opens a file on disk; throws at once if it is missing, a folder, or empty. */
export async function openOnDisk(path: string, location = path): Promise<FingerprintedSource> {
  const info = await stat(location).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT'
      ? new TrackSyncError('file_not_found', `There is no file ${path}.`, {
          file: path,
          next: nextSteps.list(nearestFolder(path)),
        })
      : unreadable(path, `cannot be read: ${error.message}`)
  })
  if (info.isDirectory()) throw unreadable(path, 'is a folder', nextSteps.list(path, 'Name the files in it.'))
  if (!info.isFile()) throw unreadable(path, 'is not a file')
  if (info.size === 0) throw emptyFile(path, 'is empty')
  return new FingerprintedSource({ name: path, chunks: () => readOnDisk(path, location) })
}

/** Reads up to the size the file has at the start: reading a file that keeps growing would never end. */
async function* readOnDisk(path: string, location: string): AsyncIterable<Uint8Array> {
  try {
    const before = await stat(location)
    const range = { highWaterMark: 64 * 1024, end: Math.max(0, before.size - 1) }
    for await (const chunk of createReadStream(location, range)) yield chunk as Buffer
    const after = await stat(location)
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
    throw unreadable(path, `cannot be read: ${(error as Error).message}`)
  }
}

/** The nearest existing folder in which a path or the files of a pattern should be. */
function nearestFolder(path: string): string {
  let folder = dirname(path)
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder)
  return folder
}

function unreadable(path: string, reason: string, next?: NextStep): TrackSyncError {
  return new TrackSyncError('file_not_readable', `${path} ${reason}.`, {
    file: path,
    expected: 'a file',
    ...(next === undefined ? {} : { next }),
  })
}

function duplicateFile(path: string, earlierPath: string): TrackSyncError {
  const same =
    path === earlierPath ? `${path} is named twice` : `${path} and ${earlierPath} are the same file`
  return new TrackSyncError('file_twice', `${same}; each of its rows would be sent twice.`, {
    file: path,
    expected: 'each file once',
  })
}
