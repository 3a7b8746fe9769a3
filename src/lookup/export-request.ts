import { exportFields } from '../braze/export-fields.ts'
import type { JsonObject } from '../model/json.ts'
import type { Person } from './person.ts'

/** Whom to look at, and which fields to see. */
export interface Sought {
  person: Person
  fields: ReadonlySet<string>
}

/** Asked for in every request, so that each user of the response can be told from the others. */
const identifying = ['external_id', 'braze_id', 'user_aliases'] as const

/**
 * The body of a request for some users: up to 50 external ids and aliases together, or one of another kind. Source:
 * contract §15.
 */
export function exportBody(sought: readonly Sought[]): string {
  const people = sought.map(({ person }) => person)
  const ids = people.flatMap(({ by, value }) => (by === 'external_id' ? [value] : []))
  const aliases = people.flatMap(({ by, value }) => (by === 'user_alias' ? [value] : []))
  const fields = new Set(sought.flatMap(one => [...shownFor(one)]))
  return JSON.stringify({
    ...(ids.length === 0 ? {} : { external_ids: ids }),
    ...(aliases.length === 0 ? {} : { user_aliases: aliases }),
    ...Object.fromEntries(people.flatMap(person => single(person))),
    fields_to_export: [...fields],
  })
}

/** Of an email or a phone number, or of a `braze_id`, a request has one. */
export function isSingle({ by }: Person): boolean {
  return by !== 'external_id' && by !== 'user_alias'
}

/** The fields that an export can show, but for those that would cost the faster limit. */
export function knownFields(fields: readonly string[]): string[] {
  return fields.filter(name => Object.hasOwn(exportFields, name) && exportFields[name]?.slow !== true)
}

/** The profile as one asker sees it: what identifies it, and the fields that were asked for. */
export function restrictTo(sought: Sought, user: JsonObject): JsonObject {
  const names = [...shownFor(sought)].filter(name => Object.hasOwn(user, name))
  return Object.fromEntries(names.map(name => [name, user[name] ?? null]))
}

function shownFor({ person: { by }, fields }: Sought): Set<string> {
  return new Set([...identifying, ...(by === 'email' || by === 'phone' ? [by] : []), ...fields])
}

function single(person: Person): [string, string][] {
  switch (person.by) {
    case 'braze_id':
    case 'phone':
      return [[person.by, person.value]]
    case 'email':
      return [['email_address', person.value]]
    default:
      return []
  }
}
