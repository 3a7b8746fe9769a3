import { createWriteStream } from 'node:fs'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { notWritable } from '../journal/folder.ts'
import { type Stop, stopOf } from '../model/exit.ts'
import { nextSteps } from '../model/next-command.ts'
import { TrackSyncError } from '../model/problem.ts'
import { openOnDisk } from '../parse/open.ts'
import { FingerprintedSource } from '../parse/fingerprinted-source.ts'
import type { Stream } from '../parse/source.ts'

/** Copies each stream into the run's folder, so that it can be read twice, and again by a resume. */
export async function keepStreams(
  sources: readonly (FingerprintedSource | Stream)[],
  folder: string,
  signal: AbortSignal,
): Promise<FingerprintedSource[]> {
  const kept: FingerprintedSource[] = []
  for (const [i, source] of sources.entries()) {
    if (source instanceof FingerprintedSource) {
      kept.push(source)
      continue
    }
    const path = keptInput(folder, i)
    const copy = createWriteStream(`${path}.part`, { mode: 0o600, flags: 'wx' })
    // What cannot be written need not be read on, either.
    const failed = new AbortController()
    copy.on('error', error => failed.abort(error))
    const end = AbortSignal.any([signal, failed.signal])
    await pipeline(Readable.from(until(end, source.stream)), copy).catch((error: Error) => {
      if (signal.aborted) throw unfinished(source.name, stopOf(signal))
      // What the stream itself says goes for itself; anything else is the disk's.
      if (error instanceof TrackSyncError) throw error
      throw notWritable(folder)(error)
    })
    await rename(`${path}.part`, path)
    kept.push(await openOnDisk(source.name, path))
  }
  return kept
}

/**
 * The chunks of a stream until the signal is aborted. A stream that is silent is not waited for then; nor is its own end,
 * which comes no sooner than its next chunk.
 */
async function* until(
  signal: AbortSignal,
  stream: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, undefined> {
  const chunks = stream[Symbol.asyncIterator]()
  let abort = () => {}
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(signal.reason as Error)
  })
  aborted.catch(() => {})
  signal.addEventListener('abort', abort)
  try {
    signal.throwIfAborted()
    for (;;) {
      const next = await Promise.race([chunks.next(), aborted])
      if (next.done === true) return undefined
      yield next.value
    }
  } finally {
    signal.removeEventListener('abort', abort)
    void chunks.return?.()?.catch(() => {})
  }
}

function unfinished(name: string, { message }: Stop): TrackSyncError {
  return new TrackSyncError(
    'input_unfinished',
    `${message} Nothing was sent: ${name} had not been read to its end.`,
    {
      file: name,
      next: nextSteps.again(),
    },
  )
}

/** Where the copy of the input at this position lies, if it was a stream. */
export function keptInput(folder: string, position: number): string {
  return join(folder, `input-${position + 1}`)
}
