import type { Sourced } from '../model/provenance.ts'

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
  user_aliases: shown('list'),
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
