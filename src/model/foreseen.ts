import { type ReasonCode, reasons } from './verdict.ts'

/** A value that will not be stored as requested, known before anything is sent. */
export interface Foreseen {
  /** The field as people name it: `plan`, `time`, `properties.size`. */
  field: string
  reason: ForeseenReason
  /** One sentence for people. */
  message: string
}

/**
 * What can be foreseen but has no reason code, because the response would not show it, or because the result is not
 * documented.
 */
export const foresights = {
  date_unread: {
    means: 'It looks like a date but is stored as text: the API does not read its format or its year.',
    source: 'user_attributes_object',
  },
  operation: {
    means:
      'An object with the keys inc, add, remove or $… changes the stored value; it is not stored as an object.',
    source: 'user_attributes_object, array_of_objects',
  },
  operator_by_accident: {
    means: 'An object has keys that are operators elsewhere, but it is not an operation.',
    source: 'user_attributes_object',
  },
  reserved: {
    means: 'The name is reserved; its value is not stored.',
    source: 'user_attributes_object',
  },
  field_dropped: {
    means: 'The field may not accept this value and may stay unset.',
    source: 'user_attributes_object',
  },
  field_unclear: {
    means: 'The documentation does not say that the field accepts this value; the result is unknown.',
    source: 'user_attributes_object',
  },
  property_too_long: {
    means: 'Properties hold at most 255 characters; what happens to longer text is unknown.',
    source: 'event_object',
  },
  properties_over_limit: {
    means: 'Only the first 256 properties are kept.',
    source: 'custom_event_properties',
  },
  properties_large: {
    means: 'One page of the documentation allows 50 KB of purchase properties, another 100 KB.',
    source: 'purchase_object',
  },
} as const satisfies Record<string, { means: string; source: string }>

export type ForeseenReason = ReasonCode | keyof typeof foresights

export function meansOf(reason: ForeseenReason): string {
  return reason in foresights
    ? foresights[reason as keyof typeof foresights].means
    : reasons[reason as ReasonCode].means
}
