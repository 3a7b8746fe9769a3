import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { TrackSyncError } from '../model/problem.ts'

/** Something to read: its name as the user gave it, and its bytes, which can be asked for more than once. */
export interface Source {
  name: string
  chunks: () => AsyncIterable<Uint8Array>
}

/** What an input file held when it was planned; compared before a run sends or goes on. */
export interface Fingerprint {
  path: string
  bytes: number
  sha256: string
}

/** Files by path, and sources as they are, in the given order. A relative path starts from the first folder that has it. */
export async function openSources(
  files: readonly (string | Source)[],
  folders: readonly string[] = [''],
): Promise<Source[]> {
  const sources: Source[] = []
  for (const file of files) sources.push(typeof file === 'string' ? await openFile(file, folders) : file)
  return sources
}

/** A file on disk, refused at once where it is missing, a folder, or empty. */
async function openFile(path: string, folders: readonly string[]): Promise<Source> {
  const places = folders.map(folder => resolve(folder, path))
  const place = places.find(existsSync) ?? path
  const info = await stat(place).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT'
      ? new TrackSyncError('file_not_found', `There is no file ${path}.`, {
          file: path,
          next: `ls ${dirname(path)}`,
        })
      : new TrackSyncError('file_not_readable', `${path} cannot be read: ${error.message}.`, { file: path })
  })
  if (!info.isFile()) {
    throw new TrackSyncError('file_not_readable', `${path} is not a file.`, {
      file: path,
      expected: 'a file',
    })
  }
  if (info.size === 0) throw new TrackSyncError('file_empty', `${path} is empty.`, { file: path })
  return { name: path, chunks: () => readFile(place) }
}

/** Reads a source to its end for what it holds. */
export async function fingerprint(source: Source): Promise<Fingerprint> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of source.chunks()) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { path: source.name, bytes, sha256: hash.digest('hex') }
}

async function* readFile(path: string): AsyncIterable<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) yield chunk as Buffer
  } catch (error) {
    if (error instanceof TrackSyncError) throw error
    throw new TrackSyncError('file_not_readable', `${path} cannot be read: ${(error as Error).message}.`, {
      file: path,
    })
  }
}
