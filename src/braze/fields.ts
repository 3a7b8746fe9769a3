import { type Kind, kinds } from '../model/kind.ts'
import type { Sourced } from '../model/provenance.ts'
import { type Accepts, accepts } from './accepts.ts'
import { isIdentifier } from './identifiers.ts'

/** The type of a field. `text` is any string, `time` a date the API recognises, and `any` is passed on unchecked. */
export type FieldType = 'text' | 'number' | 'integer' | 'boolean' | 'time' | 'object' | 'array' | 'any'

export interface Field extends Sourced {
  type: FieldType
  required?: boolean
  /** Controls the request and is never stored, so there is no value to compare. */
  control?: boolean
  /** What it accepts beyond its type, if documented. */
  accepts?: Accepts
  /** What happens to a value that is not accepted: an error, nothing is stored, or it is not documented. */
  onInvalid?: 'refused' | 'dropped' | 'unknown'
}

const attributesPage = 'braze-docs user_attributes_object'
const eventPage = 'braze-docs event_object'
const purchasePage = 'braze-docs purchase_object'

/**
 * The named fields of each kind, except for identifiers. In an attributes object, any other name is a custom attribute;
 * events and purchases have no other fields.
 */
export const fields: Record<Kind, Record<string, Field>> = {
  attributes: {
    _update_existing_only: { type: 'boolean', control: true, basis: 'documented', source: attributesPage },
    _merge_objects: {
      type: 'boolean',
      control: true,
      basis: 'documented',
      source: 'braze-docs nested_custom_attribute_support',
    },
    push_token_import: { type: 'boolean', control: true, basis: 'documented', source: attributesPage },
    first_name: { type: 'text', basis: 'documented', source: attributesPage },
    last_name: { type: 'text', basis: 'documented', source: attributesPage },
    home_city: { type: 'text', basis: 'documented', source: attributesPage },
    email: { type: 'text', basis: 'documented', source: attributesPage },
    phone: { type: 'text', basis: 'documented', source: attributesPage },
    country: {
      type: 'text',
      accepts: accepts.country,
      onInvalid: 'dropped',
      basis: 'documented',
      source: attributesPage,
    },
    language: {
      type: 'text',
      accepts: accepts.language,
      onInvalid: 'unknown',
      basis: 'documented',
      source: attributesPage,
    },
    gender: {
      type: 'text',
      accepts: accepts.gender,
      onInvalid: 'unknown',
      basis: 'documented',
      source: attributesPage,
    },
    dob: {
      type: 'text',
      accepts: accepts.birthday,
      onInvalid: 'unknown',
      basis: 'documented',
      source: attributesPage,
    },
    time_zone: {
      type: 'text',
      accepts: accepts.timeZone,
      onInvalid: 'dropped',
      basis: 'documented',
      source: attributesPage,
    },
    email_subscribe: {
      type: 'text',
      accepts: accepts.subscription,
      onInvalid: 'refused',
      basis: 'documented',
      source: attributesPage,
    },
    push_subscribe: {
      type: 'text',
      accepts: accepts.subscription,
      onInvalid: 'refused',
      basis: 'documented',
      source: attributesPage,
    },
    email_open_tracking_disabled: { type: 'boolean', basis: 'documented', source: attributesPage },
    email_click_tracking_disabled: { type: 'boolean', basis: 'documented', source: attributesPage },
    subscription_groups: {
      type: 'array',
      accepts: accepts.subscriptionGroups,
      onInvalid: 'refused',
      basis: 'documented',
      source: attributesPage,
    },
    current_location: {
      type: 'object',
      accepts: accepts.location,
      onInvalid: 'refused',
      basis: 'documented',
      source: attributesPage,
    },
    date_of_first_session: { type: 'time', basis: 'documented', source: attributesPage },
    date_of_last_session: { type: 'time', basis: 'documented', source: attributesPage },
    marked_email_as_spam_at: { type: 'time', basis: 'documented', source: attributesPage },
    push_tokens: {
      type: 'array',
      accepts: accepts.pushTokens,
      onInvalid: 'refused',
      basis: 'documented',
      source: attributesPage,
    },
    facebook: { type: 'object', basis: 'documented', source: attributesPage },
    twitter: { type: 'object', basis: 'documented', source: attributesPage },
    image_url: { type: 'text', basis: 'assumed', source: `${attributesPage} (older)` },
  },
  events: {
    name: { type: 'text', required: true, basis: 'documented', source: eventPage },
    time: { type: 'time', required: true, basis: 'documented', source: eventPage },
    app_id: { type: 'text', basis: 'documented', source: eventPage },
    properties: { type: 'object', basis: 'documented', source: eventPage },
    _update_existing_only: { type: 'boolean', control: true, basis: 'documented', source: eventPage },
  },
  purchases: {
    product_id: { type: 'text', required: true, basis: 'documented', source: purchasePage },
    currency: { type: 'text', required: true, basis: 'documented', source: purchasePage },
    price: { type: 'number', required: true, basis: 'documented', source: purchasePage },
    quantity: { type: 'integer', basis: 'documented', source: purchasePage },
    time: { type: 'time', required: true, basis: 'documented', source: purchasePage },
    app_id: { type: 'text', basis: 'documented', source: purchasePage },
    properties: { type: 'object', basis: 'documented', source: purchasePage },
    _update_existing_only: { type: 'boolean', control: true, basis: 'documented', source: purchasePage },
  },
}

export const requiredFields = Object.fromEntries(
  kinds.map(kind => [kind, Object.keys(fields[kind]).filter(name => fields[kind][name]?.required === true)]),
) as Record<Kind, string[]>

/**
 * Names that are not allowed at the first level of `properties`; the API answers `Invalid 'properties' field`.
 * Source: braze-docs custom_event_properties, purchase_events.
 */
export const reservedProperties: Record<'events' | 'purchases', ReadonlySet<string>> = {
  events: new Set(['time', 'event_name']),
  purchases: new Set(['time', 'product_id', 'quantity', 'event_name', 'price', 'currency']),
}

/**
 * Names that are neither custom attributes nor writable fields. One is answered with an error, the others are never
 * stored. Source: braze-docs post_user_track (INVALID_ATTRIBUTE_EMAIL_SUBSCRIPTION_INFO), user_attributes_object. That
 * the alias names are dropped outside of `user_alias` is inferred.
 */
export const reservedAttributes: ReadonlyMap<string, 'refused' | 'dropped'> = new Map([
  ['email_subscription_info', 'refused'],
  ['alias_name', 'dropped'],
  ['alias_label', 'dropped'],
  ['bio', 'dropped'],
])

export function fieldOf(kind: Kind, name: string): Field | undefined {
  return byName[kind].get(name)
}

/** Looked up for every value of every row. */
const byName = {
  attributes: new Map(Object.entries(fields.attributes)),
  events: new Map(Object.entries(fields.events)),
  purchases: new Map(Object.entries(fields.purchases)),
}

/** Whether the API stores this name as a custom attribute, as it does any name that is not exactly a standard field. */
export function isCustomAttribute(name: string): boolean {
  return !isIdentifier(name) && fieldOf('attributes', name) === undefined
}

/** The field that names the event or product. */
export const occurrenceField = { events: 'name', purchases: 'product_id' } as const
