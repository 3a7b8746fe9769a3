import type { JsonObject } from '../model/json.ts'
import type { Observation } from '../model/observation.ts'
import { restrictTo, type Sought } from './export-request.ts'
import { idOf, keysOfPerson, keysOfUser } from './person.ts'
import type { Export } from './read-export.ts'

/** What a response shows of one who was looked for; `alone`: only a request of its own can tell. */
export type Match = Omit<Observation, 'at'> | 'alone'

/**
 * What a response shows of each who was looked for, in their order. A user counts only for those that one of its
 * identifiers names. Absence means that no profile has the identifier, unless something speaks against that: a user
 * whom nobody looked for may be one who was renamed or merged, and an id that is neither shown nor listed as invalid may
 * lead to a profile that another one leads to as well. Then each of them is looked for alone, where the response can
 * only be about that one. Where absent ids are not listed, `listsAbsent` is false.
 */
export function matchExport(
  sought: readonly Sought[],
  { users, invalid }: Export,
  listsAbsent: boolean,
): Match[] {
  const byKey = new Map<string, JsonObject[]>()
  for (const user of users)
    for (const key of keysOfUser(user)) {
      const same = byKey.get(key)
      if (same === undefined) byKey.set(key, [user])
      else same.push(user)
    }
  const found = sought.map(({ person }) =>
    distinct(keysOfPerson(person).flatMap(key => byKey.get(key) ?? [])),
  )
  const strangers = strangersAmong(users, found.flat())
  const isInvalid = ({ person: { by, value } }: Sought) =>
    by === 'external_id' && invalid?.has(value) === true
  const missing = sought.filter((one, i) => found[i]?.length === 0 && !isInvalid(one))
  return sought.map((one, i): Match => {
    const own = found[i] ?? []
    if (own.length > 0) return choose(one, own)
    if (isInvalid(one)) return { profile: null }
    // The list is of external ids: that such an id is not in it says that it leads to somebody.
    const leadsOn = one.person.by === 'external_id' && invalid !== null && listsAbsent
    const isItsOwn = leadsOn && missing.length === 1 && strangers.length === 1
    if (sought.length > 1 && !isItsOwn && (leadsOn || strangers.length > 0)) return 'alone'
    const [stranger] = strangers
    if (stranger === undefined) return { profile: null }
    if (strangers.length > 1) return { profile: null, isAmbiguous: true }
    return { profile: restrictTo(one, stranger), isRenamed: true }
  })
}

/**
 * Of several profiles with one email or phone number Braze takes the most recently updated that has an external id; if
 * none has one, the most recently updated. Source: braze-docs post_user_track. An export does not show when a profile was
 * updated.
 */
function choose(sought: Sought, users: readonly JsonObject[]): Match {
  const { by } = sought.person
  const named = users.filter(user => idOf(user['external_id']) !== undefined)
  const isUnique = by === 'external_id' || by === 'braze_id' || users.length === 1 || named.length === 1
  const [only] = named.length === 1 ? named : users
  return isUnique && only !== undefined
    ? { profile: restrictTo(sought, only) }
    : { profile: null, isAmbiguous: true }
}

/** The profiles of a response that nobody looked for. */
function strangersAmong(users: readonly JsonObject[], known: readonly JsonObject[]): JsonObject[] {
  const ids = new Set(known.flatMap(profileKeys))
  return distinct(users.filter(user => keysOfUser(user).length > 0)).filter(
    user => !profileKeys(user).some(key => ids.has(key)),
  )
}

/** Each profile once, however often a response shows it. */
function distinct(users: readonly JsonObject[]): JsonObject[] {
  const profiles = new Map<string, JsonObject>()
  for (const user of users) {
    const [key = ''] = profileKeys(user)
    if (!profiles.has(key)) profiles.set(key, user)
  }
  return [...profiles.values()]
}

/** What tells a profile from all others, the surest first; where it shows neither id, all that it shows. */
function profileKeys(user: JsonObject): string[] {
  const ids = (['braze_id', 'external_id'] as const).flatMap(name => {
    const id = idOf(user[name])
    return id === undefined ? [] : [JSON.stringify([name, id])]
  })
  return ids.length > 0 ? ids : [JSON.stringify(user)]
}
