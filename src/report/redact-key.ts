import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TrackSyncError } from '../model/problem.ts'
import { keyBytes } from './redact.ts'

/** The key of a run's redacted reports. Whoever has it can test values, so it stays beside the journal. */
export const redactKeyName = 'redact.key'
/** The redacted reports have a folder of their own, so that nobody shares the others by mistake. */
export const redactedName = 'redacted'

/** The key of a run, generated when it is first needed and kept, so that every rebuild gives the same hashes. */
export async function redactKey(folder: string): Promise<Uint8Array> {
  const path = join(folder, redactKeyName)
  const fresh = randomBytes(keyBytes).toString('hex')
  // Of two processes at the same time, one creates it.
  await writeFile(path, `${fresh}\n`, { flag: 'wx', mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  const text = (await readFile(path, 'utf8')).trim()
  if (new RegExp(`^[0-9a-f]{${keyBytes * 2}}$`).test(text)) return Buffer.from(text, 'hex')
  throw new TrackSyncError('run_unreadable', `${path} does not contain a key.`, {
    file: path,
    expected: `${keyBytes * 2} hexadecimal digits`,
    next: 'Remove it to get a new key; all hashes then change.',
  })
}

/** The folder that a run's redacted reports go to. */
export async function redactedFolder(folder: string): Promise<string> {
  const path = join(folder, redactedName)
  // Not recursively: under some folders that never returns, and the parent exists.
  await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  return path
}
