import { addressOf, type Identifier } from '../braze/identifiers.ts'
import type { Occurrence } from '../braze/response.ts'
import { isJsonObject, type JsonObject, textOf } from '../model/json.ts'

/** One user as the sandbox keeps it. */
export interface Profile {
  braze_id: string
  external_id?: string
  user_aliases: { alias_name: string; alias_label: string }[]
  /** Standard fields, email and phone among them. */
  standard: JsonObject
  custom_attributes: JsonObject
  custom_events: Occurrence[]
  /** As in an export, the product stands under `name`. */
  purchases: Occurrence[]
  /** Which of several profiles with one email was written last. */
  updatedAt: number
}

/** All users of a sandbox, found by any of the five identifiers. */
export class Profiles {
  readonly #byId = new Map<string, Profile>()
  readonly #index = new Map<string, Set<string>>()

  get size(): number {
    return this.#byId.size
  }

  /** Everyone, in the order of creation. */
  all(): Profile[] {
    return [...this.#byId.values()]
  }

  /** The profile an object is about. */
  find(body: JsonObject): Profile | undefined {
    return foremost(this.matching(body))
  }

  /** Every profile with the identifier that addresses the object; several may have one email or phone. */
  matching(body: JsonObject): Profile[] {
    const name = addressOf(body)
    if (name === undefined) return []
    return [...(this.#index.get(keyOf(name, body)) ?? [])].flatMap(id => this.#byId.get(id) ?? [])
  }

  get(brazeId: string): Profile | undefined {
    return this.#byId.get(brazeId)
  }

  /** Adds profiles, or puts each in the place of the one with its id. */
  save(profiles: readonly Profile[]): void {
    for (const profile of profiles) this.#save(profile)
  }

  #save(profile: Profile): void {
    const before = this.#byId.get(profile.braze_id)
    if (before !== undefined) for (const key of keysOf(before)) this.#index.get(key)?.delete(profile.braze_id)
    this.#byId.set(profile.braze_id, profile)
    for (const key of keysOf(profile)) {
      const ids = this.#index.get(key) ?? new Set()
      this.#index.set(key, ids.add(profile.braze_id))
    }
  }
}

/** What a request makes of the profiles while it is being worked on; the profiles themselves stay as they are. */
export class Draft {
  readonly #base: Profiles
  readonly #changed = new Profiles()
  #made = 0

  constructor(base: Profiles) {
    this.#base = base
  }

  get size(): number {
    return this.#base.size + this.#made
  }

  find(body: JsonObject): Profile | undefined {
    const untouched = this.#base
      .matching(body)
      .filter(({ braze_id }) => this.#changed.get(braze_id) === undefined)
    return foremost([...untouched, ...this.#changed.matching(body)])
  }

  save(profile: Profile): void {
    const isNew = [this.#base, this.#changed].every(profiles => profiles.get(profile.braze_id) === undefined)
    if (isNew) this.#made++
    this.#changed.save([profile])
  }

  /** What was written; null where nothing was. */
  written(): Profile[] | null {
    return this.#changed.size === 0 ? null : this.#changed.all()
  }
}

/**
 * Of several with the same email or phone, the most recently updated one that has an external id, else the most
 * recently updated. Source: braze-docs post_user_track.
 */
function foremost(found: Profile[]): Profile | undefined {
  const identified = found.filter(profile => profile.external_id !== undefined)
  const candidates = identified.length > 0 ? identified : found
  return candidates.toSorted((a, b) => b.updatedAt - a.updatedAt)[0]
}

/** A profile that holds nothing but the identifier of the object that made it. */
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
  const named: JsonObject[] = [{ braze_id }, ...user_aliases.map(alias => ({ user_alias: alias }))]
  if (external_id !== undefined) named.push({ external_id })
  if (typeof email === 'string') named.push({ email })
  if (typeof phone === 'string') named.push({ phone })
  return named.map(body => keyOf(Object.keys(body)[0] as Identifier, body))
}

function keyOf(name: Identifier, body: JsonObject): string {
  const value = body[name] ?? null
  if (name === 'user_alias' && isJsonObject(value)) {
    return JSON.stringify([name, value['alias_label'] ?? null, value['alias_name'] ?? null])
  }
  const text = textOf(value)
  const plain =
    name === 'email' ? text.trim().toLowerCase() : name === 'phone' ? text.replaceAll(/\D/g, '') : text
  return JSON.stringify([name, plain])
}
