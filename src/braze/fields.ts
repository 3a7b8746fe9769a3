import { type Kind, kinds } from '../model/kind.ts'
import type { Sourced } from '../model/provenance.ts'
import { type Accepts, accepts } from './accepts.ts'
import { isIdentifier } from './identifiers.ts'

/** What a field takes. `text` is any string; `time` a date the API recognises; `any` is passed on as it is. */
export type FieldType = 'text' | 'number' | 'integer' | 'boolean' | 'time' | 'object' | 'array' | 'any'

export interface Field extends Sourced {
  type: FieldType
  required?: boolean
  /** `true`: steers the request and is never stored, so it is no value to compare. */
  control?: boolean
  /** What it takes beyond its type, where the documentation says so. */
  accepts?: Accepts
  /** What comes of a value that is not accepted: an error, nothing stored, or nobody says. */
  onBad?: 'refused' | 'dropped' | 'unknown'
}

const objects = 'braze-docs user_attributes_object'
const eventPage = 'braze-docs event_object'
const purchasePage = 'braze-docs purchase_object'

/**
 * The named fields of each kind. An attributes object takes any other name as a custom attribute; events and
 * purchases take no other name. Identifiers stand in their own table.
 */
export const fields: Record<Kind, Record<string, Field>> = {
  attributes: {
    _update_existing_only: { type: 'boolean', control: true, basis: 'documented', source: objects },
    _merge_objects: {
      type: 'boolean',
      control: true,
      basis: 'documented',
      source: 'braze-docs nested_custom_attribute_support',
    },
    push_token_import: { type: 'boolean', control: true, basis: 'documented', source: objects },
    first_name: { type: 'text', basis: 'documented', source: objects },
    last_name: { type: 'text', basis: 'documented', source: objects },
    home_city: { type: 'text', basis: 'documented', source: objects },
    email: { type: 'text', basis: 'documented', source: objects },
    phone: { type: 'text', basis: 'documented', source: objects },
    country: {
      type: 'text',
      accepts: accepts.country,
      onBad: 'dropped',
      basis: 'documented',
      source: objects,
    },
    language: {
      type: 'text',
      accepts: accepts.language,
      onBad: 'unknown',
      basis: 'documented',
      source: objects,
    },
    gender: { type: 'text', accepts: accepts.gender, onBad: 'unknown', basis: 'documented', source: objects },
    dob: { type: 'text', accepts: accepts.birthday, onBad: 'unknown', basis: 'documented', source: objects },
    time_zone: {
      type: 'text',
      accepts: accepts.timeZone,
      onBad: 'dropped',
      basis: 'documented',
      source: objects,
    },
    email_subscribe: {
      type: 'text',
      accepts: accepts.subscription,
      onBad: 'refused',
      basis: 'documented',
      source: objects,
    },
    push_subscribe: {
      type: 'text',
      accepts: accepts.subscription,
      onBad: 'refused',
      basis: 'documented',
      source: objects,
    },
    email_open_tracking_disabled: { type: 'boolean', basis: 'documented', source: objects },
    email_click_tracking_disabled: { type: 'boolean', basis: 'documented', source: objects },
    subscription_groups: {
      type: 'array',
      accepts: accepts.subscriptionGroups,
      onBad: 'refused',
      basis: 'documented',
      source: objects,
    },
    current_location: {
      type: 'object',
      accepts: accepts.location,
      onBad: 'refused',
      basis: 'documented',
      source: objects,
    },
    date_of_first_session: { type: 'time', basis: 'documented', source: objects },
    date_of_last_session: { type: 'time', basis: 'documented', source: objects },
    marked_email_as_spam_at: { type: 'time', basis: 'documented', source: objects },
    push_tokens: {
      type: 'array',
      accepts: accepts.pushTokens,
      onBad: 'refused',
      basis: 'documented',
      source: objects,
    },
    facebook: { type: 'object', basis: 'documented', source: objects },
    twitter: { type: 'object', basis: 'documented', source: objects },
    image_url: { type: 'text', basis: 'assumed', source: `${objects} (older)` },
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

/** The names of the fields that must be there. */
export const requiredFields = Object.fromEntries(
  kinds.map(kind => [kind, Object.keys(fields[kind]).filter(name => fields[kind][name]?.required === true)]),
) as Record<Kind, string[]>

/**
 * Names that the first level of `properties` may not have; the API answers `Invalid 'properties' field`.
 * Source: braze-docs custom_event_properties, purchase_events.
 */
export const reservedProperties: Record<'events' | 'purchases', ReadonlySet<string>> = {
  events: new Set(['time', 'event_name']),
  purchases: new Set(['time', 'product_id', 'quantity', 'event_name', 'price', 'currency']),
}

/**
 * Names of attributes that are no custom attributes, and no field to write either: one is answered with an error, the
 * others are never stored. Source: braze-docs post_user_track (INVALID_ATTRIBUTE_EMAIL_SUBSCRIPTION_INFO),
 * user_attributes_object; that nothing comes of the alias names outside `user_alias` is inferred.
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

/** Asked of every value of every row. */
const byName = {
  attributes: new Map(Object.entries(fields.attributes)),
  events: new Map(Object.entries(fields.events)),
  purchases: new Map(Object.entries(fields.purchases)),
}

/** A name the API stores as a custom attribute. Any spelling other than a standard field's own is one. */
export function isCustomAttribute(name: string): boolean {
  return !isIdentifier(name) && fieldOf('attributes', name) === undefined
}

/** The field that names what happened: the event's name, the purchase's product. */
export const occurrenceField = { events: 'name', purchases: 'product_id' } as const
