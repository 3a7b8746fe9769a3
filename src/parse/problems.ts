import { type Problem, problem, TrackSyncError } from '../model/problem.ts'
import type { Codec } from './encoding.ts'
import { recordBytesMax } from './record-splitter.ts'
import type { Units } from './units.ts'

/** Names the first invalid byte of a record and its offset in the file. */
export function invalidEncoding(raw: Units, offset: number, codec: Codec): Problem {
  const { name, encoding, unitBytes, firstInvalid, toFileBytes } = codec
  const first = Math.max(0, firstInvalid(raw))
  const bytes = toFileBytes(raw).subarray(first * unitBytes, (first + 1) * unitBytes)
  const came = `0x${bytes.toString('hex').toUpperCase()} at byte ${(offset + first) * unitBytes}`
  const hint = encoding === 'utf-8' ? '; files from Windows often need --encoding windows-1252' : ''
  return problem('encoding', `This is not ${name}: ${came}${hint}.`, { expected: name, came })
}

/** What to do about a file with nothing to send. */
export const checkWhatWroteIt =
  'Check the program that wrote it; if it had nothing to write, leave the file out.'

export function emptyFile(file: string, what: string): TrackSyncError {
  return new TrackSyncError('file_empty', `${file} ${what}.`, { file, next: checkWhatWroteIt })
}

export function recordTooLarge(): Problem {
  const megabytes = recordBytesMax / 1024 / 1024
  return problem('record_too_large', `The record is larger than ${megabytes} MB.`, {
    expected: `at most ${megabytes} MB`,
    came: 'more',
  })
}
