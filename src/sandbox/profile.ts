import type { Occurrence } from '../model/echo.ts'
import { addressOf, type Identifier } from '../model/identifiers.ts'
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

  /**
   * The profile an object is about. Of several with the same email or phone, the most recently updated one that has an
   * external id, else the most recently updated. Source: braze-docs post_user_track.
   */
  find(body: JsonObject): Profile | undefined {
    const name = addressOf(body)
    if (name === undefined) return undefined
    const ids = [...(this.#index.get(keyOf(name, body)) ?? [])]
    const found = ids.flatMap(id => this.#byId.get(id) ?? [])
    const identified = found.filter(profile => profile.external_id !== undefined)
    const candidates = identified.length > 0 ? identified : found
    return candidates.toSorted((a, b) => b.updatedAt - a.updatedAt)[0]
  }

  /** Adds a profile, or puts it in the place of the one with its id. */
  save(profile: Profile): void {
    const before = this.#byId.get(profile.braze_id)
    if (before !== undefined) for (const key of keysOf(before)) this.#index.get(key)?.delete(profile.braze_id)
    this.#byId.set(profile.braze_id, profile)
    for (const key of keysOf(profile)) {
      const ids = this.#index.get(key) ?? new Set()
      this.#index.set(key, ids.add(profile.braze_id))
    }
  }
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
