import { createReadStream, existsSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { occurrenceField } from '../braze/fields.ts'
import { echoedAttributes } from '../braze/response.ts'
import { type Digest, digestOf, Digests } from '../model/digests.ts'
import { isJsonObject, type Json, type JsonObject, setKey, textOf } from '../model/json.ts'
import type { Kind } from '../model/kind.ts'
import type { Lesson, Memory, Sighting } from '../reconcile/memory.ts'

export const beforeName = 'before.ndjson'

/** A line of `before.ndjson`: what a profile held of all that some rows ask for, before the first of them was sent. */
export interface Before {
  user: string
  /** When it was seen, in milliseconds since 1970. */
  at: number
  /** Whether there was a profile. Of several with one identifier it is not known which is meant. */
  exists: boolean | 'ambiguous'
  /** In the form of a response; an attribute that was not there is null, and a count 0. */
  profile: JsonObject
  /** The attributes that rows add to: those are sums. */
  sums: string[]
}

/** The lines of a run's `before.ndjson`, in order; none where it has no such file. A torn line at the end is left out. */
export async function* readBefore(folder: string): AsyncGenerator<Before & { byte: number }, undefined> {
  const path = join(folder, beforeName)
  if (!existsSync(path)) return
  const input = createReadStream(path)
  let byte = 0
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    const before = parse(line)
    if (before !== undefined) yield { ...before, byte }
    byte += Buffer.byteLength(line) + 1
  }
}

/** What a run saw before it began, by user. Only where the lines lie is kept. */
export class BeforeIndex {
  readonly #file: FileHandle
  readonly #places = new Digests()

  private constructor(file: FileHandle) {
    this.#file = file
  }

  static async open(folder: string): Promise<BeforeIndex> {
    const index = new BeforeIndex(await open(join(folder, beforeName)))
    for await (const { user, byte } of readBefore(folder)) index.#add(user, byte)
    return index
  }

  /** What the profile of a user held; of a field that was looked at twice, what was seen first. Undefined: nobody looked. */
  async of(user: string): Promise<Pick<Before, 'exists' | 'profile'> | undefined> {
    let found: Before | undefined
    for (let number = 0; ; number++) {
      const place = this.#places.get(keyOf(user, number))
      if (place === undefined) return found
      const before = parse(await this.#lineAt(place.high * 2 ** 32 + place.low))
      if (before === undefined || before.user !== user) return found
      found = found === undefined ? before : { ...found, profile: merged(before.profile, found.profile) }
    }
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  #add(user: string, byte: number): void {
    let number = 0
    while (this.#places.get(keyOf(user, number)) !== undefined) number++
    this.#places.set(keyOf(user, number), { high: Math.floor(byte / 2 ** 32), low: byte % 2 ** 32 })
  }

  async #lineAt(byte: number): Promise<string> {
    const parts: Buffer[] = []
    for (let at = byte; ; ) {
      const { buffer, bytesRead } = await this.#file.read(Buffer.alloc(16 * 1024), 0, 16 * 1024, at)
      const part = buffer.subarray(0, bytesRead)
      const end = part.indexOf('\n')
      parts.push(end < 0 ? part : part.subarray(0, end))
      if (end >= 0 || bytesRead === 0) return Buffer.concat(parts).toString()
      at += bytesRead
    }
  }
}

function keyOf(user: string, number: number): Digest {
  return digestOf(`${number} ${user}`)
}

/** Two profiles as one; what the second holds counts. */
function merged(first: JsonObject, second: JsonObject): JsonObject {
  const attributes: JsonObject = {}
  for (const part of [echoedAttributes(first), echoedAttributes(second)])
    for (const [name, value] of Object.entries(part ?? {})) setKey(attributes, name, value)
  return { ...first, ...second, custom_attributes: attributes }
}

/** What the run saw before it began is the baseline of its counts and sums. */
export async function recallBefore(folder: string, memory: Memory): Promise<void> {
  for await (const before of readBefore(folder)) for (const lesson of lessonsOf(before)) memory.learn(lesson)
}

/** The numbers that a line shows. A count or a sum that is not there is 0. */
export function lessonsOf({ user, exists, profile, sums }: Before): Lesson[] {
  if (exists === 'ambiguous') return []
  const held = echoedAttributes(profile) ?? {}
  const numbers = sums.flatMap((name): Sighting[] => {
    const value = Object.hasOwn(held, name) ? (held[name] ?? 0) : 0
    return typeof value === 'number' ? [{ name, number: value }] : []
  })
  return [
    { user, kind: 'attributes', sightings: numbers },
    ...(['events', 'purchases'] as const).map(kind => ({ user, kind, sightings: countsOf(profile, kind) })),
  ]
}

function countsOf(profile: JsonObject, kind: Exclude<Kind, 'attributes'>): Sighting[] {
  const list = profile[kind === 'events' ? 'custom_events' : 'purchase_events']
  const items = Array.isArray(list) ? list.filter(isJsonObject) : []
  return items.map(item => {
    const { count } = item
    return { name: textOf(item[occurrenceField[kind]] ?? ''), number: typeof count === 'number' ? count : 0 }
  })
}

function parse(line: string): Before | undefined {
  try {
    const value = JSON.parse(line) as Json
    return isBefore(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isBefore(value: Json): value is Json & Before {
  if (!isJsonObject(value)) return false
  const { user, at, exists, profile, sums } = value
  const isWhole = typeof user === 'string' && typeof at === 'number' && isJsonObject(profile)
  return isWhole && [true, false, 'ambiguous'].includes(exists as boolean) && Array.isArray(sums)
}
