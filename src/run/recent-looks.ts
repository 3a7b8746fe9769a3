import type { Json } from '../model/json.ts'
import type { Look, ProfileSource, Wanted } from '../model/observation.ts'

/** Users kept at most, and how large their profiles may be altogether, about in bytes. */
export const looksKept = 5000
const sizeMax = 64 * 1024 * 1024

interface Recent {
  fields: ReadonlySet<string>
  look: Promise<Look>
  /** 0 until it is seen. */
  size: number
}

/**
 * A source that remembers the users it was asked for last. The rows of a user may lie apart, and each look at the API takes
 * its part of the rate.
 */
export class RecentLooks implements ProfileSource {
  readonly #source: ProfileSource
  readonly #looks = new Map<string, Recent>()
  #size = 0

  constructor(source: ProfileSource) {
    this.#source = source
  }

  async look({ user, fields }: Wanted, urgent?: boolean): Promise<Look> {
    const known = this.#looks.get(user)
    if (known !== undefined && fields.every(field => known.fields.has(field))) {
      this.#looks.delete(user)
      this.#looks.set(user, known)
      return await known.look
    }
    const all = new Set([...(known?.fields ?? []), ...fields])
    this.#forget(user)
    const look = this.#source.look({ user, fields: [...all] }, urgent)
    const recent = { fields: all, look, size: 0 }
    this.#looks.set(user, recent)
    this.#shrink()
    const seen = await look
    this.#saw(user, recent, seen)
    return seen
  }

  hurry(): void {
    this.#source.hurry?.()
  }

  async close(): Promise<void> {
    await this.#source.close()
  }

  #saw(user: string, recent: Recent, look: Look): void {
    if (this.#looks.get(user) !== recent) return
    // What failed once may not fail again.
    if ('unseen' in look) return this.#forget(user)
    recent.size = sizeOf(look.seen.profile)
    this.#size += recent.size
    this.#shrink()
  }

  #shrink(): void {
    for (const user of this.#looks.keys()) {
      if (this.#looks.size <= looksKept && this.#size <= sizeMax) return
      this.#forget(user)
    }
  }

  #forget(user: string): void {
    this.#size -= this.#looks.get(user)?.size ?? 0
    this.#looks.delete(user)
  }
}

/** What a value takes in memory, roughly. */
function sizeOf(value: Json): number {
  if (typeof value === 'string') return 24 + value.length
  if (typeof value !== 'object' || value === null) return 8
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + sizeOf(item), 32)
  return Object.entries(value).reduce((sum, [name, item]) => sum + name.length + sizeOf(item), 64)
}
