import { createReadStream, existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { occurrenceField } from '../braze/fields.ts'
import { echoedAttributes } from '../braze/response.ts'
import { isJsonObject, type Json, type JsonObject, textOf } from '../model/json.ts'
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
export async function* readBefore(folder: string): AsyncGenerator<Before, undefined> {
  const path = join(folder, beforeName)
  if (!existsSync(path)) return
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY })
  for await (const line of lines) {
    const before = parse(line)
    if (before !== undefined) yield before
  }
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
