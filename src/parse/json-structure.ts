import { none } from 'stream-chain'
import { jsonVerifier, type VerifierError } from 'stream-json/utils/verifier.js'
import type { Piece } from './element-splitter.ts'
import type { Codec } from './encoding.ts'

/** How many elements come before the first syntax error, and what that error is. */
export interface StructureCheck {
  validElements: number
  error?: { message: string; line: number }
}

/**
 * Validates the structure around the elements of a JSON file of any size: one array or concatenated documents, complete
 * and with nothing else in between. stream-json gets `{}` in place of each element, so that each element is parsed only
 * once, when its row is made.
 */
export class JsonStructure {
  readonly #codec: Codec
  readonly #verify: (text: string | typeof none) => unknown
  /** Characters verified before the current pieces. */
  #offset = 0

  constructor(isArray: boolean, codec: Codec) {
    this.#codec = codec
    this.#verify = jsonVerifier({ jsonStreaming: !isArray }) as unknown as (
      text: string | typeof none,
    ) => unknown
  }

  /**
   * Validates the next pieces of the file. After the last ones (`isLast`), the file must be complete; `line` is where
   * it ends.
   */
  check(pieces: readonly Piece[], line: number, isLast = false): StructureCheck {
    const texts = pieces.map(piece => ('element' in piece ? '{}' : this.#codec.decode(piece.gap)))
    const text = texts.join('')
    try {
      this.#verify(text)
      if (isLast) this.#verify(none)
    } catch (error) {
      const { message, offset } = error as VerifierError
      return locate(pieces, texts, offset - this.#offset, { message: withoutPosition(message), line })
    }
    this.#offset += text.length
    return { validElements: pieces.filter(piece => 'element' in piece).length }
  }
}

/** Locates an error in the pieces; if it is behind all of them, the file ends too early. */
function locate(
  pieces: readonly Piece[],
  texts: readonly string[],
  offset: number,
  error: { message: string; line: number },
): StructureCheck {
  let validElements = 0
  let end = 0
  for (const [i, piece] of pieces.entries()) {
    end += texts[i]?.length ?? 0
    if (offset < end) {
      const line = 'element' in piece ? piece.element.line : piece.line
      return { validElements, error: { ...error, line } }
    }
    if ('element' in piece) validElements++
  }
  return { validElements, error }
}

/** The message without its position, which refers to the text passed to the verifier and not to the file. */
function withoutPosition(message: string): string {
  return message.replace(/^ERROR at \d+ \(\d+, \d+\): (?:Verifier (?:cannot parse input: |has ))?/, '')
}
