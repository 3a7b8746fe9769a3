import { mkdtemp, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from '../journal/make-folder.ts'
import { createBytes } from '../lookup/export-bytes.ts'
import { Export, type ExportFile, type ExportSource } from '../lookup/export-file.ts'
import { createIndex, type IndexOptions } from '../lookup/export-index.ts'
import { beginsResponse } from '../lookup/exported-users.ts'
import { TrackSyncError } from '../model/problem.ts'
import type { Row, RowFile } from '../model/row.ts'
import { openOnDisk } from '../parse/open.ts'
import { parse } from '../parse/parse.ts'
import type { Source } from '../parse/source.ts'
import { filesInZip, isZip } from '../parse/zip.ts'

/**
 * Reads an export from disk and indexes it, in a folder of its own within this one, which `close` removes: saved
 * responses of `/users/export/ids`, and files of a segment export, packed or not. Of a user who comes twice the later
 * record counts. What is not packed is read where it lies; it must stay there until `close`. Once the signal is aborted
 * it throws the signal's reason.
 */
export async function openExport(
  paths: readonly string[],
  folder: string,
  signal?: AbortSignal,
  options: IndexOptions = {},
): Promise<ExportSource> {
  const own = await makeFolder(folder)
    .then(async () => await mkdtemp(join(folder, 'export-')))
    .catch(notWritable(folder))
  const remove = async () => await rm(own, { recursive: true, force: true })
  const made = await open(own, remove, options).catch(async (error: Error) => {
    await remove()
    return notWritable(folder)(error)
  })
  try {
    for (const path of paths) await readFile(made, path, signal)
    await made.finish(signal)
    return made
  } catch (error) {
    await made.close()
    if (error instanceof TrackSyncError || signal?.aborted === true) throw error
    return notWritable(folder)(error as Error)
  }
}

async function open(folder: string, remove: () => Promise<void>, options: IndexOptions): Promise<Export> {
  const bytes = await createBytes(folder)
  try {
    return new Export(await createIndex(folder, options), bytes, remove)
  } catch (error) {
    await bytes.close()
    throw error
  }
}

/** A file is as old as its last change. */
async function readFile(made: Export, path: string, signal: AbortSignal | undefined): Promise<void> {
  const source = await openOnDisk(path)
  const at = Math.floor((await stat(path)).mtimeMs)
  if (!(await isZip(path))) return await readSource(made, source, { at, path }, signal)
  for await (const part of filesInZip(path)) await readSource(made, part, { at, path: null }, signal)
}

/** Where the bytes of a source lie on disk, if they do, and how old they are. */
interface Origin {
  at: number
  path: string | null
}

/** A source without any user is not what it was taken for. A response that found nobody is an export, too. */
async function readSource(
  made: Export,
  source: Source,
  origin: Origin,
  signal: AbortSignal | undefined,
): Promise<void> {
  const exported =
    (await readRecords(made, source, origin, signal)) ?? (await readList(made, source, origin, signal))
  if (exported === 0) throw noExport(source.name, 'other records')
}

/** Returns how many records were of an export; undefined if one is a response so large that its users are to be read. */
async function readRecords(
  made: Export,
  source: Source,
  origin: Origin,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  const rows = await parse(source.name, source.chunks()).catch(orNoExport(source.name))
  try {
    if (rows.format === 'csv') throw noExport(source.name, 'CSV')
    const file = fileOf(made, rows, origin)
    let exported = 0
    for await (const batch of rows.batches) {
      signal?.throwIfAborted()
      if (batch.some(isLargeResponse)) return undefined
      exported += await made.add(batch, file)
    }
    return exported
  } finally {
    await rows.close()
  }
}

/** The same, of each user in the list of a response. Its other lists hold texts. */
async function readList(
  made: Export,
  source: Source,
  origin: Origin,
  signal: AbortSignal | undefined,
): Promise<number> {
  const rows = await parse(source.name, source.chunks(), {}, true)
  try {
    const file = fileOf(made, rows, origin)
    let exported = 0
    for await (const batch of rows.batches) {
      signal?.throwIfAborted()
      exported += await made.add(batch.filter(isNoText), file)
    }
    return exported
  } finally {
    await rows.close()
  }
}

function isLargeResponse({ content, raw }: Row): boolean {
  return 'problem' in content && content.problem.code === 'record_too_large' && beginsResponse(raw)
}

function isNoText({ content }: Row): boolean {
  return !('value' in content && typeof content.value === 'string')
}

/** Records stay where they are if their bytes can be read there: not packed, and in the encoding of JSON. */
function fileOf(made: Export, { file: name, packing, encoding }: RowFile, { at, path }: Origin): ExportFile {
  const stays = path !== null && packing === null && encoding === 'utf-8'
  return { name, at, number: stays ? made.addFile(path) : null }
}

function noExport(file: string, came: string): TrackSyncError {
  return new TrackSyncError('export_without_users', `${file} holds no exported users.`, {
    file,
    expected: 'the saved response of /users/export/ids, or the files of a segment export',
    came,
    next: 'Name an export of the API, in JSON; a CSV export of the dashboard does not show all fields.',
  })
}

/** What is no JSON is no export, and no setting would change that. */
function orNoExport(file: string): (error: Error) => never {
  return error => {
    const isOther = error instanceof TrackSyncError && error.code === 'format_unknown'
    throw isOther ? noExport(file, error.problem.came ?? 'no JSON') : error
  }
}

function notWritable(folder: string): (error: Error) => never {
  return error => {
    const message = `The index of the export cannot be written to ${folder}: ${error.message}.`
    throw new TrackSyncError('run_not_writable', message, {
      file: folder,
      expected: 'a writable folder with space for the index',
      next: `Make ${folder} writable, or free some space there.`,
      cause: error,
    })
  }
}
