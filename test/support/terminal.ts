import { Writable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'

/** A stream that keeps what is written to it; with `columns` it is a terminal of that width. */
export class Screen extends Writable {
  text = ''
  readonly isTTY: boolean
  readonly columns: number | undefined

  constructor(columns?: number) {
    super()
    this.isTTY = columns !== undefined
    this.columns = columns
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }

  /** The lines, without what moves the cursor or gives colours. */
  get lines(): string[] {
    return stripVTControlCharacters(this.text).trimEnd().split('\n')
  }
}
