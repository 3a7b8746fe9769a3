import { open } from 'node:fs/promises'
import { isJsonObject } from '../model/json.ts'
import { TrackSyncError } from '../model/problem.ts'
import { type Entry, journalVersion, type RunEntry } from './entry.ts'

/** A line of the journal and where its bytes lie. */
export interface Line {
  entry: Entry
  from: number
  /** Behind its line end. */
  to: number
}

/**
 * The lines of a journal, or of a part of it, in order. What a crash or a power cut tore lies at the very end and is
 * passed over; a broken line with whole ones behind it is an error.
 */
export async function* readJournal(
  path: string,
  part: { from: number; to: number } = whole,
): AsyncGenerator<Line> {
  let number = 0
  let broken: number | undefined
  for await (const { bytes, from, to } of completeLines(path, part)) {
    number++
    const entry = parseLine(bytes)
    if (entry === undefined) {
      broken ??= number
      continue
    }
    if (broken !== undefined) {
      throw new TrackSyncError('run_unreadable', `${path}, line ${broken}: the line is not a JSON object.`, {
        file: path,
        line: broken,
      })
    }
    if (entry.t === 'run' && entry.journal > journalVersion) {
      const message = `${path} was written by track-sync ${entry.version}, which is newer than this one.`
      throw new TrackSyncError('run_unreadable', message, { file: path, next: 'Install the newer version.' })
    }
    yield { entry, from, to }
  }
}

/** What a run is, by its first line; undefined where there is none. */
export async function readHead(path: string): Promise<RunEntry | undefined> {
  for await (const { entry } of readJournal(path)) return entry.t === 'run' ? entry : undefined
  return undefined
}

const whole = { from: 0, to: Number.POSITIVE_INFINITY }

function parseLine(bytes: Buffer): Entry | undefined {
  try {
    const entry = JSON.parse(bytes.toString()) as unknown
    return isJsonObject(entry) && typeof entry['t'] === 'string' ? (entry as unknown as Entry) : undefined
  } catch {
    return undefined
  }
}

/** The bytes of a line are good until the next one is asked for: they lie in a buffer that is filled again and again. */
async function* completeLines(path: string, part: { from: number; to: number }) {
  const { from: start, to: end } = part
  if (start >= end) return
  const file = await open(path)
  try {
    const buffer = Buffer.allocUnsafe(bufferBytes)
    let rest: Buffer[] = []
    let from = start
    for (let place = start; place < end; ) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(bufferBytes, end - place), place)
      if (bytesRead === 0) return
      place += bytesRead
      const chunk = buffer.subarray(0, bytesRead)
      let at = 0
      for (let lineEnd = chunk.indexOf(10); lineEnd >= 0; lineEnd = chunk.indexOf(10, at)) {
        const own = chunk.subarray(at, lineEnd)
        const bytes = rest.length === 0 ? own : Buffer.concat([...rest, own])
        const to = from + bytes.length + 1
        yield { bytes, from, to }
        from = to
        rest = []
        at = lineEnd + 1
      }
      if (at < bytesRead) rest.push(Buffer.from(chunk.subarray(at)))
    }
  } finally {
    await file.close()
  }
}

/** A journal of gigabytes would otherwise be as many gigabytes of buffers to collect. */
const bufferBytes = 256 * 1024
