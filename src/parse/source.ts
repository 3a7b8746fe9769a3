/**
 * An input that can be read more than once: its name as the user knows it, and its bytes. Strings are encoded as UTF-8.
 * An error that it throws ends the run as `input_failed`, with that error as the `cause`.
 */
export interface Source {
  name: string
  chunks: () => AsyncIterable<Uint8Array>
}

/** An input that can be read once, such as standard input; a run keeps a copy of it in its folder. */
export interface Stream {
  name: string
  stream: AsyncIterable<Uint8Array>
}

/** Identifies the content that an input had when it was planned. */
export interface Fingerprint {
  path: string
  bytes: number
  sha256: string
}
