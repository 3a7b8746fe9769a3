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
    await pipeline(Readable.from(source.stream), copy, { signal }).catch((error: Error) => {
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

function unfinished(name: string, { message }: Stop): TrackSyncError {
  return new TrackSyncError(
    'input_unfinished',
    `${message} Nothing was sent: ${name} had not come to its end.`,
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
