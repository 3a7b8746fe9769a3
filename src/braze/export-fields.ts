import type { JsonObject } from '../model/json.ts'
import type { Kind } from '../model/kind.ts'
import type { Sourced } from '../model/provenance.ts'
import { fieldOf, isCustomAttribute } from './fields.ts'
import { addressOf } from './identifiers.ts'

/** A field that an export of `/users/export/ids` can show. */
export interface ExportField extends Sourced {
  /** What stands for a field that the profile does not have: "null, false or empty", by its kind. */
  missing: null | 'list' | 'object'
  /** The field of a track object that it shows, where its name differs. */
  shows?: string
  /** A request that names it does not get the faster limit. */
  slow?: true
}

const page = 'braze-docs post_users_identifier'

/** All fields that an export can show. What is not here is in no export, whatever a request asks for. */
export const exportFields: Readonly<Record<string, ExportField>> = {
  braze_id: shown(),
  external_id: shown(),
  user_aliases: { ...shown('list'), shows: 'user_alias' },
  first_name: shown(),
  last_name: shown(),
  email: shown(),
  phone: shown(),
  country: shown(),
  home_city: shown(),
  language: shown(),
  time_zone: shown(),
  gender: shown(),
  dob: shown(),
  email_subscribe: shown(),
  push_subscribe: shown(),
  last_coordinates: { ...shown(), shows: 'current_location' },
  custom_attributes: shown('object'),
  custom_events: shown('list'),
  purchases: shown('list'),
  push_tokens: shown('list'),
  devices: shown('list'),
  apps: shown('list'),
  created_at: shown(),
  random_bucket: shown(),
  total_revenue: shown(),
  uninstalled_at: shown(),
  attributed_campaign: shown(),
  attributed_source: shown(),
  attributed_adgroup: shown(),
  attributed_ad: shown(),
  cards_clicked: shown('list'),
  campaigns_received: { ...shown('list'), slow: true },
  canvases_received: { ...shown('list'), slow: true },
}

function shown(missing: ExportField['missing'] = null): ExportField {
  return { missing, basis: 'documented', source: page }
}

/** What an export calls each field of an attributes object that it can show. */
const shownAs = new Map(
  Object.entries(exportFields)
    .map(([name, { shows = name }]) => [shows, name] as const)
    .filter(([field]) => !isCustomAttribute(field)),
)

/** The export field that shows a field of an attributes object; undefined if no export shows it. */
export function exportFieldOf(field: string): string | undefined {
  return isCustomAttribute(field) ? 'custom_attributes' : shownAs.get(field)
}

/**
 * The export fields that show what an object asks for, each once. None for what no export shows, and for the identifier
 * that addresses the user: an export always names that.
 */
export function exportFieldsFor(kind: Kind, body: JsonObject): string[] {
  if (kind !== 'attributes') return [kind === 'events' ? 'custom_events' : 'purchases']
  const address = addressOf(body)
  const asked = Object.keys(body).filter(name => name !== address && fieldOf(kind, name)?.control !== true)
  return [...new Set(asked.flatMap(name => exportFieldOf(name) ?? []))]
}
