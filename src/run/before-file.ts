import { existsSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { chainOver, emptyChain, seal, sealOf } from '../journal/checksum.ts'
import { syncFolder } from '../journal/file.ts'
import { sayDamage } from '../model/damage.ts'
import { type Digest, digestOf, Digests } from '../model/digests.ts'
import { nextSteps } from '../model/next-command.ts'
import { TrackSyncError } from '../model/problem.ts'
import { type Before, hasAttributes, joined, readBeforeLine } from './before.ts'

export const beforeName = 'before.ndjson'

/** Whether a run keeps a snapshot. */
export function hasSnapshot(folder: string): boolean {
  return existsSync(join(folder, beforeName))
}

/** The lines of a run's `before.ndjson`, in order; none where it has no such file. */
export async function* readBefore(folder: string): AsyncGenerator<Before, undefined> {
  if (!hasSnapshot(folder)) return
  const file = await open(join(folder, beforeName))
  try {
    for await (const { before } of linesOf(file, folder)) yield before
  } finally {
    await file.close()
  }
}

/**
 * What a run saw before it began, by user. In memory it keeps where the lines lie, and which identifiers lead to one
 * profile. Each line carries a checksum over all before it, as those of the journal do; a damaged one is never guessed over.
 */
export class BeforeFile {
  readonly #file: FileHandle
  readonly #places = new Digests()
  /** By profile: the user key whose rows write its attributes, or `several`. */
  readonly #owners = new Digests()
  #bytes = 0
  #chain = emptyChain
  /** Whether every user is in the index. */
  hasRoom = true

  private constructor(file: FileHandle) {
    this.#file = file
  }

  /** The file of a run that is only looked at. What a crash tore at its end is passed over. */
  static async read(folder: string): Promise<BeforeFile> {
    const file = new BeforeFile(await open(join(folder, beforeName)))
    return await file.#begin(folder)
  }

  /** A new file, or one that is gone on with; what a crash tore at its end is cut off. */
  static async write(folder: string): Promise<BeforeFile> {
    const file = new BeforeFile(await open(join(folder, beforeName), 'a+', 0o600))
    return await file.#begin(folder, async () => {
      await file.#file.truncate(file.#bytes)
      await syncFolder(folder)
    })
  }

  has(user: string): boolean {
    return this.#places.get(keyOf(user, 0)) !== undefined
  }

  /** What is known of a user; of what was looked at twice, what was seen first. Undefined: nobody looked. */
  async of(user: string): Promise<Before | undefined> {
    let found: Before | undefined
    for (let number = 0; ; number++) {
      const place = this.#places.get(keyOf(user, number))
      if (place === undefined) return found
      const before = readBeforeLine(await this.#lineAt(place.high * 2 ** 32 + place.low))
      if (before?.user !== user) return found
      found = found === undefined ? before : joined(found, before)
    }
  }

  /** Whether rows under another user key write attributes of the same profile. */
  isShared(id: string, user: string): boolean {
    const owner = this.#owners.get(digestOf(id))
    return owner !== undefined && !isSame(owner, digestOf(user))
  }

  /** Resolves once the lines are on the disk. */
  async append(befores: readonly Before[]): Promise<void> {
    const lines = befores.map(before => {
      const { line, chain } = seal(JSON.stringify(before), this.#chain)
      this.#chain = chain
      return line
    })
    await this.#file.appendFile(lines.join(''))
    await this.#file.datasync()
    for (const [i, line] of lines.entries()) {
      const before = befores[i]
      if (before !== undefined) this.#add(before, this.#bytes)
      this.#bytes += Buffer.byteLength(line)
    }
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  async #begin(folder: string, ready: () => Promise<void> = async () => {}): Promise<this> {
    try {
      for await (const { before, from, to, chain } of linesOf(this.#file, folder)) {
        this.#add(before, from)
        this.#bytes = to
        this.#chain = chain
      }
      await ready()
      return this
    } catch (error) {
      await this.#file.close()
      throw error
    }
  }

  #add({ user, id, profile: held }: Before, byte: number): void {
    let number = 0
    while (this.#places.get(keyOf(user, number)) !== undefined) number++
    const place = { high: Math.floor(byte / 2 ** 32), low: byte % 2 ** 32 }
    if (!this.#places.set(keyOf(user, number), place)) this.hasRoom = false
    if (id === null || !hasAttributes(held)) return
    const [profile, own] = [digestOf(id), digestOf(user)]
    const owner = this.#owners.get(profile)
    this.#owners.set(profile, owner === undefined || isSame(owner, own) ? own : several)
  }

  async #lineAt(byte: number): Promise<string> {
    const parts: Buffer[] = []
    for (let at = byte; ; ) {
      const { buffer, bytesRead } = await this.#file.read(Buffer.alloc(chunkBytes), 0, chunkBytes, at)
      const part = buffer.subarray(0, bytesRead)
      const end = part.indexOf(lineEnd)
      parts.push(end < 0 ? part : part.subarray(0, end))
      if (end >= 0 || bytesRead === 0) return Buffer.concat(parts).toString()
      at += bytesRead
    }
  }
}

const chunkBytes = 16 * 1024
const lineEnd = 10
/** No text has this digest. */
const several: Digest = { high: 0, low: 0 }

function keyOf(user: string, number: number): Digest {
  return digestOf(`${number} ${user}`)
}

function isSame(a: Digest, b: Digest): boolean {
  return a.high === b.high && a.low === b.low
}

/** The whole lines and where they lie, with the running checksum behind each. What no line end closes is left out. */
async function* linesOf(file: FileHandle, folder: string) {
  let chain = emptyChain
  let from = 0
  let number = 0
  for await (const bytes of wholeLines(file)) {
    number++
    const sealed = sealOf(bytes)
    chain = chainOver(sealed?.bytes ?? bytes, chain)
    if (sealed?.crc !== chain)
      throw damaged(folder, { line: number, byte: from, why: 'it is not what was written there' })
    const before = readBeforeLine(bytes.toString())
    if (before === undefined)
      throw damaged(folder, { line: number, byte: from, why: 'it is no line of a snapshot' })
    const to = from + bytes.length + 1
    yield { before, from, to, chain }
    from = to
  }
}

async function* wholeLines(file: FileHandle): AsyncGenerator<Buffer> {
  let rest: Buffer[] = []
  for (let place = 0; ; ) {
    const { buffer, bytesRead } = await file.read(
      Buffer.allocUnsafe(4 * chunkBytes),
      0,
      4 * chunkBytes,
      place,
    )
    if (bytesRead === 0) return
    place += bytesRead
    const chunk = buffer.subarray(0, bytesRead)
    let at = 0
    for (let end = chunk.indexOf(lineEnd); end >= 0; end = chunk.indexOf(lineEnd, at)) {
      yield Buffer.concat([...rest, chunk.subarray(at, end)])
      rest = []
      at = end + 1
    }
    rest.push(chunk.subarray(at))
  }
}

function damaged(folder: string, damage: { line: number; byte: number; why: string }): TrackSyncError {
  const file = join(folder, beforeName)
  const message = `${file} is damaged at ${sayDamage(damage)}. What the profiles held before the run can no longer be told from it.`
  const { line, byte } = damage
  return new TrackSyncError('run_damaged', message, { file, line, byte, next: nextSteps.look(folder) })
}
