import { createReadStream } from 'node:fs'
import { crc32 } from 'node:zlib'
import { type Entry, openPromise } from 'yauzl'
import { TrackSyncError } from '../model/problem.ts'
import type { Source } from './source.ts'

/** Whether a file on disk is a ZIP archive, by its first bytes: of its first part, or of the end of an empty one. */
export async function isZip(path: string): Promise<boolean> {
  for await (const chunk of createReadStream(path, { end: 3 }))
    return ['PK\u0003\u0004', 'PK\u0005\u0006'].includes((chunk as Buffer).toString('latin1'))
  return false
}

/** The files in a ZIP archive on disk, one after the other: each must be read before the next is asked for. */
export async function* filesInZip(path: string): AsyncGenerator<Source> {
  try {
    const archive = await openPromise(path, { autoClose: false })
    try {
      for await (const entry of archive.eachEntry())
        if (isContent(entry)) {
          const name = `${path}/${entry.fileName}`
          yield { name, chunks: () => verified(entry, archive.openReadStreamPromise(entry)) }
        }
    } finally {
      archive.close()
    }
  } catch (error) {
    throw error instanceof TrackSyncError ? error : damaged(path, error as Error)
  }
}

/** Not a folder, and not what macOS adds to an archive. */
function isContent({ fileName, uncompressedSize }: Entry): boolean {
  return uncompressedSize > 0 && !fileName.endsWith('/') && !/(?:^|\/)(?:__MACOSX\/|\.)/.test(fileName)
}

async function* verified(
  { fileName, crc32: expected }: Entry,
  opening: Promise<AsyncIterable<unknown>>,
): AsyncGenerator<Uint8Array> {
  try {
    let checksum = 0
    for await (const chunk of await opening) {
      checksum = crc32(chunk as Buffer, checksum)
      yield chunk as Buffer
    }
    if (checksum !== expected) throw new Error('its checksum is another one')
  } catch (error) {
    throw damaged(fileName, error as Error)
  }
}

function damaged(file: string, { message }: Error): TrackSyncError {
  return new TrackSyncError('file_packed', `${file} cannot be unpacked: ${message}.`, {
    file,
    expected: 'a complete ZIP archive without a password',
    next: 'Download or copy it again; it may have been truncated.',
  })
}
