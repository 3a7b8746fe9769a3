import { isIdentifier } from './identifiers.ts'

/** The three kinds of track object; a request carries one object of one of them. */
export const kinds = ['attributes', 'events', 'purchases'] as const
export type Kind = (typeof kinds)[number]

export function isKind(text: unknown): text is Kind {
  return kinds.some(kind => kind === text)
}

/** What a field takes. `text` is any string; `time` a date the API recognises; `any` is passed on as it is. */
export type FieldType = 'text' | 'number' | 'integer' | 'boolean' | 'time' | 'object' | 'array' | 'any'

export interface Field {
  type: FieldType
  required?: boolean
  /** `true`: steers the request and is never stored, so it is no value to compare. */
  control?: boolean
  source: string
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
    _update_existing_only: { type: 'boolean', control: true, source: objects },
    _merge_objects: { type: 'boolean', control: true, source: 'braze-docs nested_custom_attribute_support' },
    push_token_import: { type: 'boolean', control: true, source: objects },
    first_name: { type: 'text', source: objects },
    last_name: { type: 'text', source: objects },
    home_city: { type: 'text', source: objects },
    email: { type: 'text', source: objects },
    phone: { type: 'text', source: objects },
    country: { type: 'text', source: objects },
    language: { type: 'text', source: objects },
    gender: { type: 'text', source: objects },
    dob: { type: 'text', source: objects },
    time_zone: { type: 'text', source: objects },
    email_subscribe: { type: 'text', source: objects },
    push_subscribe: { type: 'text', source: objects },
    email_open_tracking_disabled: { type: 'boolean', source: objects },
    email_click_tracking_disabled: { type: 'boolean', source: objects },
    subscription_groups: { type: 'array', source: objects },
    current_location: { type: 'object', source: objects },
    date_of_first_session: { type: 'time', source: objects },
    date_of_last_session: { type: 'time', source: objects },
    marked_email_as_spam_at: { type: 'time', source: objects },
    push_tokens: { type: 'array', source: objects },
    facebook: { type: 'object', source: objects },
    twitter: { type: 'object', source: objects },
    image_url: { type: 'text', source: `${objects} (older)` },
  },
  events: {
    name: { type: 'text', required: true, source: eventPage },
    time: { type: 'time', required: true, source: eventPage },
    app_id: { type: 'text', source: eventPage },
    properties: { type: 'object', source: eventPage },
    _update_existing_only: { type: 'boolean', control: true, source: eventPage },
  },
  purchases: {
    product_id: { type: 'text', required: true, source: purchasePage },
    currency: { type: 'text', required: true, source: purchasePage },
    price: { type: 'number', required: true, source: purchasePage },
    quantity: { type: 'integer', source: purchasePage },
    time: { type: 'time', required: true, source: purchasePage },
    app_id: { type: 'text', source: purchasePage },
    properties: { type: 'object', source: purchasePage },
    _update_existing_only: { type: 'boolean', control: true, source: purchasePage },
  },
}

export function fieldOf(kind: Kind, name: string): Field | undefined {
  return Object.hasOwn(fields[kind], name) ? fields[kind][name] : undefined
}

/** A name the API stores as a custom attribute. Any spelling other than a standard field's own is one. */
export function isCustomAttribute(name: string): boolean {
  return !isIdentifier(name) && fieldOf('attributes', name) === undefined
}

/** The field that names what happened: the event's name, the purchase's product. */
export const occurrenceField = { events: 'name', purchases: 'product_id' } as const
