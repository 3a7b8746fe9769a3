import { none } from 'stream-chain'
import { jsonVerifier, type VerifierError } from 'stream-json/utils/verifier.js'
import type { Piece } from './elements.ts'
import type { Codec } from './encoding.ts'

/** How many of the elements stand where an element may stand, and what is wrong behind them. */
export interface Checked {
  sound: number
  error?: { message: string; line: number }
}

/**
 * Checks a JSON file of any size but for its elements: that it is one array, or documents one after the other, whole and
 * with nothing between them that does not belong there. stream-json reads it with `{}` in the place of each element, so
 * that an element itself is parsed once, where its row is made.
 */
export class Structure {
  readonly #codec: Codec
  readonly #verify: (text: string | typeof none) => unknown
  /** Characters that were verified before. */
  #before = 0

  constructor(inArray: boolean, codec: Codec) {
    this.#codec = codec
    this.#verify = jsonVerifier({ jsonStreaming: !inArray }) as unknown as (
      text: string | typeof none,
    ) => unknown
  }

  /** The next pieces of the file; `isLast` where it ends behind them, on that `line`. */
  check(pieces: readonly Piece[], line: number, isLast = false): Checked {
    const texts = pieces.map(piece => ('element' in piece ? '{}' : this.#codec.decode(piece.between)))
    const text = texts.join('')
    try {
      this.#verify(text)
      if (isLast) this.#verify(none)
    } catch (error) {
      const { message, offset } = error as VerifierError
      return located(pieces, texts, offset - this.#before, { message: withoutPlace(message), line })
    }
    this.#before += text.length
    return { sound: pieces.filter(piece => 'element' in piece).length }
  }
}

/** The piece that an error lies in; behind all of them, the file ends too soon. */
function located(
  pieces: readonly Piece[],
  texts: readonly string[],
  offset: number,
  error: { message: string; line: number },
): Checked {
  let sound = 0
  let end = 0
  for (const [i, piece] of pieces.entries()) {
    end += texts[i]?.length ?? 0
    if (offset < end) {
      const line = 'element' in piece ? piece.element.line : piece.line
      return { sound, error: { ...error, line } }
    }
    if ('element' in piece) sound++
  }
  return { sound, error }
}

/** What is wrong in its own words; the places it names are those of the text that it was given, not of the file. */
function withoutPlace(message: string): string {
  return message.replace(/^ERROR at \d+ \(\d+, \d+\): (?:Verifier (?:cannot parse input: |has ))?/, '')
}
