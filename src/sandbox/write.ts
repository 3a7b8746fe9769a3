import { occurrenceField } from '../braze/fields.ts'
import { addressOf, createsProfile } from '../braze/identifiers.ts'
import { type JsonObject, textOf } from '../model/json.ts'
import type { Kind } from '../model/kind.ts'
import { type Draft, newProfile, type Profile } from './profile.ts'
import type { Rules } from './rules.ts'
import { writeAttributes } from './write-attributes.ts'
import { writeOccurrence } from './write-occurrence.ts'

/** Writes one object into the draft: the profile as it then is, or undefined where nobody matches and none is made. */
export function write(
  draft: Draft,
  kind: Kind,
  body: JsonObject,
  now: number,
  rules: Rules,
): Profile | undefined {
  const known =
    draft.find(body) ?? (mayCreate(kind, body, rules) ? newProfile(body, draft.size + 1) : undefined)
  if (known === undefined) return undefined
  const profile = change(known, kind, body, now, rules)
  draft.save(profile)
  return profile
}

/** Names the sandbox neither processes nor shows: those that are blocked, and the retired `bio`. */
export function isIgnored(kind: Kind, name: string, { blocked }: Rules): boolean {
  return blocked[kind].has(name) || (kind === 'attributes' && name === 'bio')
}

function change(profile: Profile, kind: Kind, body: JsonObject, now: number, rules: Rules): Profile {
  if (kind === 'attributes') {
    const taken = Object.entries(body).filter(([name]) => !isIgnored(kind, name, rules))
    return writeAttributes(profile, Object.fromEntries(taken), now, rules)
  }
  // A blocked event makes its user all the same, as a blocked attribute does.
  if (isIgnored(kind, textOf(body[occurrenceField[kind]]), rules)) return profile
  return writeOccurrence(profile, kind, body, now)
}

function mayCreate(kind: Kind, body: JsonObject, { readings }: Rules): boolean {
  const never = kind !== 'attributes' && readings.aliasOccurrence === 'never_creates'
  return createsProfile(body) && !(never && addressOf(body) === 'user_alias')
}
