import { type ReasonCode, reasons } from './verdict.ts'

/** A requested value that will not be stored as asked, known before anything is sent. */
export interface Foreseen {
  /** The field as people name it: `plan`, `time`, `properties.size`. */
  field: string
  reason: ForeseenReason
  /** One sentence for people. */
  message: string
}

/**
 * What can be foreseen and has no reason of its own, because the answer would not show it, or because nobody says
 * what comes of it.
 */
export const foresights = {
  date_unread: {
    means: 'It looks like a date and is kept as text: its form or its year is none the API reads.',
    source: 'user_attributes_object',
  },
  operation: {
    means:
      'An object of the keys inc, add, remove or $… changes what is held; it is not stored as an object.',
    source: 'user_attributes_object, array_of_objects',
  },
  operator_by_accident: {
    means: 'An object has keys that are operators elsewhere, but is no operation.',
    source: 'user_attributes_object',
  },
  reserved: {
    means: 'The name is reserved; what is sent under it is not stored.',
    source: 'user_attributes_object',
  },
  field_dropped: {
    means: 'The field is not known to take this value, and may stay unset.',
    source: 'user_attributes_object',
  },
  field_unclear: {
    means: 'The field is not documented to take this value; what comes of it is unknown.',
    source: 'user_attributes_object',
  },
  property_too_long: {
    means: 'Properties hold at most 255 characters; what comes of longer text is unknown.',
    source: 'event_object',
  },
  properties_over_limit: {
    means: 'Only the first 256 properties are kept.',
    source: 'custom_event_properties',
  },
  properties_large: {
    means: 'One page allows purchases 50 KB of properties, another 100 KB.',
    source: 'purchase_object',
  },
} as const satisfies Record<string, { means: string; source: string }>

export type ForeseenReason = ReasonCode | keyof typeof foresights

export function meansOf(reason: ForeseenReason): string {
  return reason in foresights
    ? foresights[reason as keyof typeof foresights].means
    : reasons[reason as ReasonCode].means
}
