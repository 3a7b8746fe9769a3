import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { userKeyOf } from '../../src/braze/identifiers.ts'
import type { ExportSource } from '../../src/lookup/export-file.ts'
import type { JsonObject } from '../../src/model/json.ts'
import type { Observation } from '../../src/model/observation.ts'
import { openExport } from '../../src/run/open-export.ts'

/** Users as the lines of a segment export. */
export function linesOf(users: readonly JsonObject[]): string {
  return users.map(user => `${JSON.stringify(user)}\n`).join('')
}

/** Users as a saved response of `/users/export/ids`. */
export function responseOf(users: readonly JsonObject[], space = 0): string {
  return JSON.stringify({ message: 'success', users: [...users], invalid_user_ids: ['nobody'] }, null, space)
}

/** Writes files into a new folder within this one; returns their paths, in order. */
export function written(folder: string, files: Readonly<Record<string, string | Uint8Array>>): string[] {
  const own = mkdtempSync(join(folder, 'files-'))
  return Object.entries(files).map(([name, content]) => {
    const path = join(own, name)
    writeFileSync(path, content)
    return path
  })
}

/** What an export shows of whom a track object with this identifier addresses. */
export async function seen(
  source: ExportSource,
  body: JsonObject,
  fields: readonly string[] = ['custom_attributes'],
): Promise<Observation> {
  const look = await source.look({ user: userKeyOf(body), fields })
  if ('unseen' in look) throw new Error(look.unseen.message)
  return look.seen
}

/** Opens these files as an export, asks it, and closes it. */
export async function asking<Said>(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
  ask: (source: ExportSource) => Promise<Said>,
): Promise<Said> {
  const source = await openExport(written(folder, files), folder)
  try {
    return await ask(source)
  } finally {
    await source.close()
  }
}
