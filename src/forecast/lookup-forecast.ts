import { endpoints } from '../braze/endpoints.ts'
import { exportFieldOf } from '../braze/export-fields.ts'
import { fieldOf, isCustomAttribute, occurrenceField } from '../braze/fields.ts'
import { addressOf } from '../braze/identifiers.ts'
import { operationOf } from '../braze/operations.ts'
import { isJsonObject, type JsonObject, textOf } from '../model/json.ts'
import type { Kind } from '../model/kind.ts'
import type { LookupCosts, LookupPurpose, PlannedLookups, ShownBy } from '../model/plan.ts'
import type { TrackObject } from '../model/track-object.ts'
import { Distinct, hashOf, mixed } from './distinct.ts'

export interface LookupTerms {
  /** Why users are looked up; nothing where nobody is. */
  purposes: readonly LookupPurpose[]
  /** A user whose rows are closer together than this is looked up once for all of them. */
  togetherWithin: number
  /** Requests a minute that send, and that look up; null without a limit. */
  perMinute: number | null
  lookupsPerMinute: number | null
  /** How long a request waits for others to share it, in milliseconds. */
  fillMs: number
  /** How long after its acceptance a row is looked up. */
  firstLookMs: number
}

/** Foretells what shows the values of the rows, and how many users and requests a run has to look up for that. */
export class LookupForecast {
  readonly #terms: LookupTerms
  readonly #isAudit: boolean
  readonly #verifies: boolean
  readonly #snapshots: boolean
  readonly #shown: Record<ShownBy, number> = { response: 0, lookup: 0, never: 0 }
  readonly #users = new Distinct()
  /** Looks at users while the rows are sent or compared, and before. */
  readonly #looks = new Looks()
  readonly #befores = new Looks()
  #rows = 0
  #batches = 0

  constructor(terms: LookupTerms) {
    this.#terms = terms
    this.#isAudit = terms.purposes.includes('audit')
    this.#verifies = terms.purposes.includes('verify')
    this.#snapshots = terms.purposes.includes('snapshot')
  }

  /** The rows of a batch, as they are read; a snapshot looks up the users of a batch together. */
  add(objects: readonly TrackObject[]): void {
    for (const { kind, body, user, seq, problems } of objects) {
      if (kind === null || problems.length > 0) continue
      this.#rows++
      const leftToLookup = this.#countValues(kind, body)
      const isLookedAt =
        this.#isAudit || (this.#verifies && (leftToLookup || this.#needsBaseline(kind, body)))
      if (!isLookedAt && !this.#snapshots) continue
      const hash = hashOf(user)
      this.#users.add(hash)
      const stretch = Math.floor(seq / this.#terms.togetherWithin)
      if (isLookedAt) this.#looks.add(user, mixed(hash, stretch))
      if (this.#snapshots) this.#befores.add(user, mixed(hash, namesHash(kind, body)))
    }
    this.#batches++
  }

  figures(): PlannedLookups {
    const { purposes } = this.#terms
    const { response, lookup, never } = this.#shown
    const shown = this.#isAudit ? { response: 0, lookup: response + lookup, never } : { ...this.#shown }
    return { purposes: [...purposes], shown, ...(purposes.length === 0 ? {} : this.#costs()) }
  }

  #costs(): LookupCosts {
    const { lookupsPerMinute } = this.#terms
    const requests = this.#befores.requests(perRequestMax, this.#batches) + this.#requestsAfter()
    return {
      users: this.#users.count,
      isEstimate: !(this.#users.isExact && this.#looks.isExact && this.#befores.isExact),
      requests,
      perMinute: lookupsPerMinute,
      minutes: lookupsPerMinute === null ? null : requests / lookupsPerMinute,
    }
  }

  /**
   * Requests that look up what was sent, or what is compared. Rows come to a lookup as fast as they are sent, and it waits
   * for others only so long; for the last ones it does not wait.
   */
  #requestsAfter(): number {
    const { perMinute, lookupsPerMinute, fillMs, firstLookMs } = this.#terms
    const looks = this.#looks
    if (this.#isAudit || looks.shared === 0) return looks.requests(perRequestMax)
    const perMs = perMinute === null ? null : (perMinute / 60_000) * Math.min(1, looks.count / this.#rows)
    const filled = perMs === null ? perRequestMax : Math.min(perRequestMax, 1 + Math.floor(fillMs * perMs))
    const last = within(firstLookMs, perMs)
    const lastRequests = within(firstLookMs, lookupsPerMinute === null ? null : lookupsPerMinute / 60_000)
    return Math.min(looks.count, looks.requests(filled) + Math.min(last, lastRequests) - 1)
  }

  /** Counts the values of an object by what shows them; true where only a lookup shows one. */
  #countValues(kind: Kind, body: JsonObject): boolean {
    const shown = this.#shown
    const address = addressOf(body)
    const before = shown.lookup
    for (const field in body) {
      if (field === address) continue
      const by = shownBy(kind, field)
      if (by === null) continue
      const properties = kind !== 'attributes' && field === 'properties' ? body[field] : undefined
      shown[by] += isJsonObject(properties) ? Object.keys(properties).length : 1
    }
    return shown.lookup > before
  }

  /** A count, or a sum, that the response shows without saying what it was before; a snapshot says it. */
  #needsBaseline(kind: Kind, body: JsonObject): boolean {
    if (this.#snapshots) return false
    if (kind !== 'attributes') return true
    return Object.values(body).some(value => {
      const operation = operationOf(value)
      return operation !== undefined && 'inc' in operation
    })
  }
}

const perRequestMax = endpoints.exportIds.objectsMax

/** Events of a steady pace that fit into a time, the first and the last included. */
function within(ms: number, perMs: number | null): number {
  return perMs === null ? Number.POSITIVE_INFINITY : 1 + Math.ceil(ms * perMs)
}

/** Looks at users: those that may share a request with others, and those that need one each. */
class Looks {
  readonly #shared = new Distinct()
  readonly #single = new Distinct()

  /** Looks with the same hash are one. */
  add(user: string, hash: number): void {
    const canShare = user.startsWith('{"external_id"') || user.startsWith('{"user_alias"')
    const looks = canShare ? this.#shared : this.#single
    looks.add(hash)
  }

  get shared(): number {
    return this.#shared.count
  }

  get count(): number {
    return this.#shared.count + this.#single.count
  }

  get isExact(): boolean {
    return this.#shared.isExact && this.#single.isExact
  }

  /** Where they come in several batches, the last request of each may not be full. */
  requests(perRequest: number, batches = 1): number {
    const full = Math.ceil(this.shared / perRequest)
    return Math.min(this.shared, full + Math.max(0, batches - 1)) + this.#single.count
  }
}

/** What shows a value of this field; null where it is none. */
function shownBy(kind: Kind, field: string): ShownBy | null {
  if (kind === 'attributes' && isCustomAttribute(field)) return 'response'
  if (fieldOf(kind, field)?.control === true) return null
  if (kind !== 'attributes') return field === occurrenceField[kind] || field === 'time' ? 'response' : 'never'
  return exportFieldOf(field) === undefined ? 'never' : 'lookup'
}

/** The same for objects that ask for the same names, in any order. */
function namesHash(kind: Kind, body: JsonObject): number {
  if (kind !== 'attributes') return hashOf(`${kind} ${textOf(body[occurrenceField[kind]])}`) | 0
  let sum = 0
  for (const name in body) sum = (sum + hashOf(name)) | 0
  return sum
}
