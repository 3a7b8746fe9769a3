import { type Problem, problem } from '../model/problem.ts'
import type { Codec } from './encoding.ts'
import { recordBytesMax } from './split.ts'
import type { Units } from './units.ts'

/** Says which byte of a record is not what the encoding of the file says, and where in the file it stands. */
export function unsound(raw: Units, at: number, codec: Codec): Problem {
  const { name, encoding, unit, wrongAt, original } = codec
  const wrong = Math.max(0, wrongAt(raw))
  const bytes = original(raw).subarray(wrong * unit, (wrong + 1) * unit)
  const came = `0x${bytes.toString('hex').toUpperCase()} at byte ${(at + wrong) * unit}`
  const hint = encoding === 'utf-8' ? '; text of Windows is often --encoding windows-1252' : ''
  return problem('encoding', `This is not ${name}: ${came}${hint}.`, { expected: name, came })
}

export function tooLarge(): Problem {
  const megabytes = recordBytesMax / 1024 / 1024
  return problem('record_too_large', `The record is larger than ${megabytes} MB.`, {
    expected: `at most ${megabytes} MB`,
    came: 'more',
  })
}
