import { type Problem, problem, TrackSyncError } from '../model/problem.ts'
import type { Codec } from './encoding.ts'
import { recordBytesMax } from './record-splitter.ts'
import type { Units } from './units.ts'

/** Says which byte of a record is not what the encoding of the file says, and where in the file it stands. */
export function unsound(raw: Units, at: number, codec: Codec): Problem {
  const { name, encoding, unit, wrongAt, original } = codec
  const wrong = Math.max(0, wrongAt(raw))
  const bytes = original(raw).subarray(wrong * unit, (wrong + 1) * unit)
  const came = `0x${bytes.toString('hex').toUpperCase()} at byte ${(at + wrong) * unit}`
  const hint = encoding === 'utf-8' ? '; files from Windows often need --encoding windows-1252' : ''
  return problem('encoding', `This is not ${name}: ${came}${hint}.`, { expected: name, came })
}

/** What to do about a file in which there is nothing to send. */
export const lookAtItsMaker =
  'Check the program that wrote it; if it had nothing to write, leave the file out.'

export function empty(file: string, how: string): TrackSyncError {
  return new TrackSyncError('file_empty', `${file} ${how}.`, { file, next: lookAtItsMaker })
}

export function tooLarge(): Problem {
  const megabytes = recordBytesMax / 1024 / 1024
  return problem('record_too_large', `The record is larger than ${megabytes} MB.`, {
    expected: `at most ${megabytes} MB`,
    came: 'more',
  })
}
