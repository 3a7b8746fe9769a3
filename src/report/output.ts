import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'

/** Replaces a file atomically. */
export async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.part`, text, { mode: 0o600 })
  await rename(`${path}.part`, path)
}

/** Writes to a file, buffered so that not every line costs a write. */
export class Output {
  readonly #path: string
  readonly #stream: WriteStream
  #failure: Error | null = null
  #gathered: Uint8Array[] = []
  #bytes = 0

  constructor(path: string, top: string | Uint8Array) {
    this.#path = path
    this.#stream = createWriteStream(`${path}.part`, { mode: 0o600 })
    this.#stream.on('error', error => {
      this.#failure = error
    })
    this.#gather(top)
  }

  async add(lines: string | Uint8Array): Promise<void> {
    if (lines.length === 0) return
    this.#gather(lines)
    if (this.#bytes >= 64 * 1024) await this.#flush()
  }

  async close(): Promise<void> {
    await this.#flush()
    this.#stream.end()
    if (!this.#stream.closed) await once(this.#stream, 'close')
    if (this.#failure !== null) throw this.#failure
    await rename(`${this.#path}.part`, this.#path)
  }

  /** Closes and removes the unfinished file. */
  async discard(): Promise<void> {
    const closed =
      this.#stream.closed || new Promise<void>(resolve => this.#stream.once('close', () => resolve()))
    this.#stream.destroy()
    await closed
    await rm(`${this.#path}.part`, { force: true })
  }

  #gather(lines: string | Uint8Array): void {
    const bytes = typeof lines === 'string' ? Buffer.from(lines) : lines
    this.#gathered.push(bytes)
    this.#bytes += bytes.length
  }

  async #flush(): Promise<void> {
    const hasRoom = this.#stream.write(Buffer.concat(this.#gathered))
    this.#gathered = []
    this.#bytes = 0
    if (!hasRoom && this.#failure === null) await once(this.#stream, 'drain')
    if (this.#failure !== null) throw this.#failure
  }
}
