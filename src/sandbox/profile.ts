import { addressOf, type Identifier } from '../braze/identifiers.ts'
import type { Occurrence } from '../braze/response.ts'
import { isJsonObject, type JsonObject, textOf } from '../model/json.ts'

/** A user of the sandbox. */
export interface Profile {
  braze_id: string
  external_id?: string
  user_aliases: { alias_name: string; alias_label: string }[]
  /** Standard fields, including email and phone. */
  standard: JsonObject
  custom_attributes: JsonObject
  custom_events: Occurrence[]
  /** As in an export, `name` is the product. */
  purchases: Occurrence[]
  /** Decides between profiles with the same email or phone. */
  updatedAt: number
}

/** All users of a sandbox, indexed by the five identifiers. */
export class Profiles {
  readonly #byId = new Map<string, Profile>()
  readonly #index = new Map<string, Set<string>>()

  get size(): number {
    return this.#byId.size
  }

  /** All profiles, in order of creation. */
  all(): Profile[] {
    return [...this.#byId.values()]
  }

  /** The profile that an object addresses. */
  find(body: JsonObject): Profile | undefined {
    return preferred(this.matching(body))
  }

  /** Every profile with the identifier that addresses the object; several may share an email or phone. */
  matching(body: JsonObject): Profile[] {
    const name = addressOf(body)
    if (name === undefined) return []
    return [...(this.#index.get(keyOf(name, body)) ?? [])].flatMap(id => this.#byId.get(id) ?? [])
  }

  get(brazeId: string): Profile | undefined {
    return this.#byId.get(brazeId)
  }

  /** Adds profiles, or replaces those with the same ID. */
  save(profiles: readonly Profile[]): void {
    for (const profile of profiles) this.#save(profile)
  }

  #save(profile: Profile): void {
    const previous = this.#byId.get(profile.braze_id)
    if (previous !== undefined)
      for (const key of keysOf(previous)) this.#index.get(key)?.delete(profile.braze_id)
    this.#byId.set(profile.braze_id, profile)
    for (const key of keysOf(profile)) {
      const ids = this.#index.get(key) ?? new Set()
      this.#index.set(key, ids.add(profile.braze_id))
    }
  }
}

/** Changes of one request; the base profiles are not modified. */
export class Transaction {
  readonly #base: Profiles
  readonly #changed = new Profiles()
  #created = 0

  constructor(base: Profiles) {
    this.#base = base
  }

  get size(): number {
    return this.#base.size + this.#created
  }

  find(body: JsonObject): Profile | undefined {
    const untouched = this.#base
      .matching(body)
      .filter(({ braze_id }) => this.#changed.get(braze_id) === undefined)
    return preferred([...untouched, ...this.#changed.matching(body)])
  }

  save(profile: Profile): void {
    const isNew = [this.#base, this.#changed].every(profiles => profiles.get(profile.braze_id) === undefined)
    if (isNew) this.#created++
    this.#changed.save([profile])
  }

  /** The changed profiles; null if there are none. */
  changes(): Profile[] | null {
    return this.#changed.size === 0 ? null : this.#changed.all()
  }
}

/**
 * Of several profiles with the same email or phone, the most recently updated one that has an external ID, or else the
 * most recently updated one. Source: braze-docs post_user_track.
 */
function preferred(found: Profile[]): Profile | undefined {
  const identified = found.filter(profile => profile.external_id !== undefined)
  const candidates = identified.length > 0 ? identified : found
  return candidates.toSorted((a, b) => b.updatedAt - a.updatedAt)[0]
}

/** A profile with nothing but the identifier of the object that creates it. */
export function newProfile(body: JsonObject, number: number): Profile {
  const { external_id, user_alias, email, phone } = body
  const primary = addressOf(body)
  const profile: Profile = {
    braze_id: number.toString(16).padStart(24, '0'),
    user_aliases: [],
    standard: {},
    custom_attributes: {},
    custom_events: [],
    purchases: [],
    updatedAt: 0,
  }
  if (primary === 'external_id') profile.external_id = textOf(external_id)
  if (primary === 'user_alias' && isJsonObject(user_alias)) {
    const { alias_name, alias_label } = user_alias
    profile.user_aliases = [{ alias_name: textOf(alias_name), alias_label: textOf(alias_label) }]
  }
  if (primary === 'email') profile.standard['email'] = textOf(email)
  if (primary === 'phone') profile.standard['phone'] = textOf(phone)
  return profile
}

function keysOf(profile: Profile): string[] {
  const { braze_id, external_id, user_aliases, standard } = profile
  const { email, phone } = standard
  const identifiers: JsonObject[] = [{ braze_id }, ...user_aliases.map(alias => ({ user_alias: alias }))]
  if (external_id !== undefined) identifiers.push({ external_id })
  if (typeof email === 'string') identifiers.push({ email })
  if (typeof phone === 'string') identifiers.push({ phone })
  return identifiers.map(body => keyOf(Object.keys(body)[0] as Identifier, body))
}

function keyOf(name: Identifier, body: JsonObject): string {
  const value = body[name] ?? null
  if (name === 'user_alias' && isJsonObject(value)) {
    return JSON.stringify([name, value['alias_label'] ?? null, value['alias_name'] ?? null])
  }
  const text = textOf(value)
  const normalized =
    name === 'email' ? text.trim().toLowerCase() : name === 'phone' ? text.replaceAll(/\D/g, '') : text
  return JSON.stringify([name, normalized])
}
