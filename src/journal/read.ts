import { createReadStream } from 'node:fs'
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

async function* completeLines(path: string, part: { from: number; to: number }) {
  const { from: start, to: end } = part
  if (start >= end) return
  const range = end === Number.POSITIVE_INFINITY ? { start } : { start, end: end - 1 }
  const chunks = createReadStream(path, { ...range, highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>
  let rest: Buffer[] = []
  let from = start
  for await (const chunk of chunks) {
    let at = 0
    for (let lineEnd = chunk.indexOf(10); lineEnd >= 0; lineEnd = chunk.indexOf(10, at)) {
      const bytes = Buffer.concat([...rest, chunk.subarray(at, lineEnd)])
      const to = from + bytes.length + 1
      yield { bytes, from, to }
      from = to
      rest = []
      at = lineEnd + 1
    }
    rest.push(chunk.subarray(at))
  }
}
