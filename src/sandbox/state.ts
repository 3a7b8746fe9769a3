import { access, constants, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isJsonObject, type Json } from '../model/json.ts'
import { TrackSyncError } from '../model/problem.ts'
import type { Profile } from './profile.ts'

/** The profiles in a state file; none if it does not exist. */
export async function loadState(path: string): Promise<Profile[]> {
  const text = await readThrough(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw unusable(path, error.message)
  })
  if (text === undefined) {
    // Fail now rather than when the sandbox closes and its users would be lost.
    await access(dirname(path), constants.W_OK).catch((error: Error) => {
      throw unusable(path, error.message)
    })
    return []
  }
  const state = parse(text)
  const profiles = isJsonObject(state) ? state['profiles'] : undefined
  if (!Array.isArray(profiles) || !profiles.every(isProfile))
    throw unusable(path, 'it contains something else')
  return profiles as unknown as Profile[]
}

/** Opens the file first: when the process is to end, not every Node knows of a thread that hangs in `readFile`. */
async function readThrough(path: string): Promise<string> {
  const file = await open(path)
  try {
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}

/** Writes a new file and renames it, so that the old state exists until the new one is complete. */
export async function saveState(path: string, profiles: readonly Profile[]): Promise<void> {
  const temporary = `${path}.new`
  // A file left by an earlier attempt may have other permissions, so it is never reused.
  await rm(temporary, { force: true })
  const file = await open(temporary, 'wx', 0o600)
  try {
    await file.writeFile(`${JSON.stringify({ profiles })}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
}

function isProfile(value: Json): boolean {
  if (!isJsonObject(value)) return false
  const lists = ['user_aliases', 'custom_events', 'purchases'].every(name => Array.isArray(value[name]))
  const objects = ['standard', 'custom_attributes'].every(name => isJsonObject(value[name]))
  return lists && objects && typeof value['braze_id'] === 'string' && typeof value['updatedAt'] === 'number'
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

function unusable(path: string, why: string): TrackSyncError {
  return new TrackSyncError(
    'settings_invalid',
    `\`state\`: ${path} cannot keep the state of a sandbox: ${why}.`,
    {
      field: 'state',
      file: path,
      expected: 'a file that a sandbox has saved, or a new one',
    },
  )
}
