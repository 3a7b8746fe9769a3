import type { Look, ProfileSource, Wanted } from '../model/observation.ts'

/** Users kept at most. */
export const looksKept = 5000

/**
 * A source that remembers the users it was asked for last. The rows of a user may lie apart, and each look at the API takes
 * its part of the rate.
 */
export class RecentLooks implements ProfileSource {
  readonly #source: ProfileSource
  readonly #looks = new Map<string, { fields: ReadonlySet<string>; look: Promise<Look> }>()

  constructor(source: ProfileSource) {
    this.#source = source
  }

  async look(wanted: Wanted, urgent?: boolean): Promise<Look> {
    const { user, fields } = wanted
    const known = this.#looks.get(user)
    this.#looks.delete(user)
    const isKnown = known !== undefined && fields.every(field => known.fields.has(field))
    const all = new Set([...(known?.fields ?? []), ...fields])
    const look = isKnown ? known.look : this.#source.look({ user, fields: [...all] }, urgent)
    this.#looks.set(user, { fields: isKnown ? known.fields : all, look })
    const oldest = this.#looks.size > looksKept ? this.#looks.keys().next().value : undefined
    if (oldest !== undefined) this.#looks.delete(oldest)
    const seen = await look
    // What failed once may not fail again.
    if ('unseen' in seen) this.#looks.delete(user)
    return seen
  }

  async close(): Promise<void> {
    await this.#source.close()
  }
}
