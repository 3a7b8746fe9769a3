/**
 * Something to read: its name as the user gave it, and its bytes, which can be asked for more than once. Text is taken
 * for UTF-8. What it throws ends the run as `input_failed`, with that as the `cause`.
 */
export interface Source {
  name: string
  chunks: () => AsyncIterable<Uint8Array>
}

/** Something that can be read once, such as standard input; a run keeps a copy of it in its folder. */
export interface Stream {
  name: string
  stream: AsyncIterable<Uint8Array>
}

/** What an input file held when it was planned. */
export interface Fingerprint {
  path: string
  bytes: number
  sha256: string
}
