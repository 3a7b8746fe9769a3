import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { checkTarget } from '../deliver/host.ts'
import { journalName, removeRunFolder, stemOf } from '../journal/folder.ts'
import { lockRun } from '../journal/lock.ts'
import { readHead } from '../journal/reader.ts'
import { TrackSyncError } from '../model/problem.ts'
import { checkImportOptions, defaults, identityOf, type ImportOptions } from '../options.ts'
import { openSources } from '../parse/open.ts'
import { FingerprintedSource } from '../parse/fingerprinted-source.ts'

/** The one run that there is, or may be, of these files as they are now. */
export interface OnceRun {
  id: string
  folder: string
  /** It has begun, and is to be resumed. */
  hasBegun: boolean
}

/**
 * Finds the run that has sent these files, or was about to. Its name comes from what would be sent, and where: so two who
 * start at the same moment mean the same folder, and only one of them can make it.
 */
export async function onceRun(given: ImportOptions): Promise<OnceRun> {
  const options = checkImportOptions(given)
  const id = await onceId(options)
  const folder = join(options.runsDir ?? defaults.runsDir, id)
  if (!existsSync(folder)) return { id, folder, hasBegun: false }
  const path = join(folder, journalName)
  if (existsSync(path) && (await readHead(path)) !== undefined) return { id, folder, hasBegun: true }
  // Whoever made it was killed before it wrote a word; if it is at work still, this ends here.
  const letGo = await lockRun(folder)
  await letGo(true)
  await removeRunFolder(folder)
  return { id, folder, hasBegun: false }
}

/** Made of the bytes and names of the files, the target, and every setting that decides what is sent. */
async function onceId(options: ImportOptions): Promise<string> {
  const files: [string, string][] = []
  for (const source of await openSources(options.files)) {
    if (!(source instanceof FingerprintedSource)) throw notAgain(source.name)
    files.push([basename(source.name), (await source.fingerprint()).sha256])
  }
  const target = options.target ?? checkTarget(options.url, options.key, options.proxy).origin
  const settings = Object.entries(identityOf(options))
  const said = JSON.stringify([target, files, settings.toSorted(([a], [b]) => (a < b ? -1 : 1))])
  const digest = createHash('sha256').update(said).digest('hex').slice(0, 12)
  return `${stemOf(files[0]?.[0] ?? '')}-${digest}`
}

function notAgain(name: string): TrackSyncError {
  const message = `\`once\`: ${name} can be read only once, so it cannot be recognized as sent before.`
  return new TrackSyncError('settings_invalid', message, {
    field: 'once',
    expected: 'files',
    came: name,
    next: 'Save it to a file, and import that file.',
  })
}
