import { type FileHandle, open } from 'node:fs/promises'
import { isJsonObject, type JsonObject, textOf } from '../model/json.ts'
import { TrackSyncError } from '../model/problem.ts'
import { chainOver, hasWholeLine, sealOf } from './checksum.ts'
import { type Entry, journalVersion, type RunEntry } from './entry.ts'
import { JournalDamaged, journalStart, type Line, type Part, type Point } from './line.ts'
import { misfit } from './shape.ts'

/** A journal that is open to be read. Whoever opened it closes it; its readers hold nothing of their own. */
export interface OpenJournal {
  lines: (part?: Part) => AsyncGenerator<Line>
  close: () => Promise<void>
}

/** The journal at a path; `readers` is how many read it at the same time, each a part. */
export async function openJournal(path: string, readers = 1): Promise<OpenJournal> {
  const file = await open(path).catch(notReadable(path))
  // A journal of gigabytes would otherwise be as many gigabytes of buffers to collect, and of thousands of parts, too.
  const bufferBytes = Math.min(256 * 1024, Math.max(4096, Math.floor(buffersBytesMax / readers)))
  return { lines: part => linesOf({ file, path, bufferBytes }, part), close: () => file.close() }
}

/**
 * Reads the lines of a journal in order, up to what a crash tore at its end, as far as `work` wants them. Throws at the
 * first that is damaged.
 */
export async function readJournal<Result>(
  path: string,
  work: (lines: AsyncIterable<Line>) => Promise<Result>,
): Promise<Result> {
  const journal = await openJournal(path)
  try {
    return await work(journal.lines())
  } finally {
    await journal.close()
  }
}

/** What a run is, by its first line; undefined where there is none. */
export async function readHead(path: string): Promise<RunEntry | undefined> {
  return await readJournal(path, async lines => {
    for await (const { entry } of lines) return entry.t === 'run' ? entry : undefined
    return undefined
  })
}

const buffersBytesMax = 16 * 1024 * 1024
/** No line is as long: of a record more than 16 MB are not kept, and a request has 4 MB at most. */
const lineBytesMax = 256 * 1024 * 1024

interface Reading {
  file: FileHandle
  path: string
  bufferBytes: number
}

async function* linesOf(reading: Reading, part?: Part): AsyncGenerator<Line> {
  const { path } = reading
  let at = part?.from ?? journalStart
  const end = part?.to.byte ?? Number.POSITIVE_INFINITY
  for await (const { bytes, isWhole } of pieces(reading, at.byte, end)) {
    const line = isWhole ? readLine(bytes, at, path, part !== undefined) : torn(bytes, at)
    if (line === null) return
    if (typeof line === 'string')
      throw new JournalDamaged(path, { line: at.line + 1, byte: at.byte, why: line })
    yield line
    at = line.to
  }
}

/**
 * What the bytes between two line ends say, or why they are no line of this journal. What was read before, and has the
 * checksum that it had then, still has its shape.
 */
function readLine(bytes: Buffer, at: Point, path: string, isKnown: boolean): Line | string {
  const sealed = sealOf(bytes)
  const chain = chainOver(sealed?.bytes ?? bytes, at.chain)
  if (sealed !== undefined && sealed.crc !== chain)
    return 'its checksum is not that of its bytes and of the lines before it'
  const entry = parsed(bytes, sealed?.bytes.length)
  if (entry === undefined) return 'it is no JSON object'
  const version = entry['t'] === 'run' || entry['t'] === 'resumed' ? Number(entry['journal'] ?? 1) : 1
  if (version > journalVersion) throw newer(path, entry)
  if (sealed === undefined && (at.isSealed || version > 1)) return 'it has lost its checksum'
  const wrong = isKnown && sealed !== undefined ? undefined : misfit(entry)
  if (wrong !== undefined) return wrong
  const isSealed = at.isSealed || sealed !== undefined
  const to = { byte: at.byte + bytes.length + 1, line: at.line + 1, chain, isSealed }
  return { entry: entry as unknown as Entry, from: at, to }
}

/** What is not closed by a line end: null where a crash may have left it so; else what is wrong. */
function torn(tail: Buffer, at: Point): null | string {
  let end = tail.length
  while (end > 0 && tail[end - 1] === 0) end--
  const isWhole = at.isSealed
    ? hasWholeLine(tail, at.chain)
    : [end, tail.length - 1].some(
        length => length < tail.length && parsed(tail.subarray(0, length)) !== undefined,
      )
  return isWhole ? 'something else stands where its line end was' : null
}

/** The object that a line holds, without its checksum. */
function parsed(bytes: Buffer, covered?: number): JsonObject | undefined {
  // In a buffer of ours, and of no more use to anybody: where the checksum begins, the object ends.
  if (covered !== undefined) bytes[covered] = closingBrace
  try {
    const value = JSON.parse(
      bytes.toString('utf8', 0, covered === undefined ? undefined : covered + 1),
    ) as unknown
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const closingBrace = 0x7d

function newer(path: string, { version }: JsonObject): TrackSyncError {
  const message = `${path} was written by track-sync ${textOf(version)}, which is newer than this one.`
  return new TrackSyncError('run_unreadable', message, { file: path, next: 'Install the newer version.' })
}

function notReadable(path: string): (error: NodeJS.ErrnoException) => never {
  return ({ code, message }) => {
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new TrackSyncError('run_not_found', `There is no journal ${path}.`, { file: path })
    throw new TrackSyncError('run_unreadable', `${path} cannot be read: ${message}.`, { file: path })
  }
}

/**
 * What is between line ends, and at last what no line end closes. The bytes are valid until the next piece is asked for: they lie in a buffer that is filled again and again.
 */
async function* pieces({ file, path, bufferBytes }: Reading, start: number, end: number) {
  if (start >= end) return
  const buffer = Buffer.allocUnsafe(Math.min(bufferBytes, end - start))
  let rest: Buffer[] = []
  let restBytes = 0
  for (let place = start; place < end; ) {
    const length = Math.min(buffer.length, end - place)
    const { bytesRead } = await file.read(buffer, 0, length, place).catch(notReadable(path))
    if (bytesRead === 0) break
    place += bytesRead
    const chunk = buffer.subarray(0, bytesRead)
    let at = 0
    for (let lineEnd = chunk.indexOf(10); lineEnd >= 0; lineEnd = chunk.indexOf(10, at)) {
      const own = chunk.subarray(at, lineEnd)
      yield { bytes: rest.length === 0 ? own : Buffer.concat([...rest, own]), isWhole: true }
      rest = []
      restBytes = 0
      at = lineEnd + 1
    }
    if (at === bytesRead) continue
    rest.push(Buffer.from(chunk.subarray(at)))
    restBytes += bytesRead - at
    if (restBytes <= lineBytesMax) continue
    // However it continues, it is no line, and need not be held to say so.
    yield { bytes: Buffer.alloc(0), isWhole: true }
    return
  }
  if (restBytes > 0) yield { bytes: Buffer.concat(rest), isWhole: false }
}
