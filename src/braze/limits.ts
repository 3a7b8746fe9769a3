import type { Sourced } from '../model/provenance.ts'

/**
 * Every limit of the API that this tool knows, with its unit, its source, and whether it is documented or assumed.
 * Validation, the sandbox and reconciliation all use this table.
 */
export interface Limit extends Sourced {
  max: number
  unit: 'bytes' | 'characters' | 'elements' | 'requests a minute' | 'units' | 'years'
}

export const limits = {
  requestsPerMinute: limit(500, 'requests a minute', 'documented', 'braze-docs post_user_track_synchronous'),
  requestBytes: limit(4_000_000, 'bytes', 'documented', 'braze.com/docs/api/endpoints/user_data'),
  externalIdBytes: limit(
    987,
    'bytes',
    'documented',
    'braze-docs post_user_track: EXTERNAL_USER_ID_TOO_LARGE',
  ),
  aliasBytes: limit(236, 'bytes', 'documented', 'braze-docs user_alias_object'),
  attributeKeyCharacters: limit(
    255,
    'characters',
    'documented',
    'braze-docs Web SDK setting_custom_attributes',
  ),
  stringCharacters: limit(255, 'characters', 'documented', 'braze-docs data_types'),
  arrayElements: limit(500, 'elements', 'documented', 'braze-docs user_attributes_object (newest)'),
  eventNameCharacters: limit(255, 'characters', 'assumed', 'the same as for attribute keys'),
  productIdCharacters: limit(255, 'characters', 'documented', 'braze-docs purchase_object'),
  propertyNameCharacters: limit(255, 'characters', 'documented', 'braze-docs event_object'),
  propertiesBytes: limit(102_400, 'bytes', 'documented', 'braze-docs event_object, nested_objects'),
  purchaseQuantity: limit(100, 'units', 'documented', 'braze-docs purchase_object'),
  propertyCount: limit(256, 'elements', 'documented', 'braze-docs custom_event_properties'),
  arrayBytes: limit(102_400, 'bytes', 'documented', 'braze-docs data_types, array_of_objects'),
  objectBytes: limit(102_400, 'bytes', 'documented', 'braze-docs nested_custom_attribute_support'),
  trackBatch: limit(75, 'elements', 'documented', 'braze-docs post_user_track (newest)'),
  exportIds: limit(50, 'elements', 'documented', 'braze-docs post_users_identifier'),
  dateYear: limit(3000, 'years', 'documented', 'braze-docs user_attributes_object'),
} as const

function limit(max: number, unit: Limit['unit'], basis: Limit['basis'], source: string): Limit {
  return { max, unit, basis, source }
}

/** The length in Unicode code points. It is not documented whether the API counts those or UTF-16 code units. */
export function characters(text: string): number {
  let count = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    const paired = unit >= 0xd800 && unit <= 0xdbff && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00
    if (paired) i++
    count++
  }
  return count
}

/** The length in bytes of UTF-8, by which identifiers are measured. */
export function utf8Bytes(text: string): number {
  let bytes = 0
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return bytes
}
