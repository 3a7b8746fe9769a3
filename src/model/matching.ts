import { match, type Reason } from './reason.ts'

const seed = 'post_user_track_synchronous'
const objects = 'user_attributes_object'
const exported = 'post_users_identifier'

/** The reasons why a value is as requested, in the same form or in another one: the first part of `reasons`. */
export const matching = {
  exact: match('match', 'The profile holds exactly the requested value.', seed),
  number_form: match(
    'equivalent',
    'The same number, written differently at the limit of its precision.',
    'inferred',
  ),
  date_same_instant: match(
    'equivalent',
    'The same instant, written with a different offset or precision.',
    seed,
  ),
  date_utc_assumed: match('equivalent', 'The time has no offset, so it is read as UTC.', objects),
  array_deduplicated: match('equivalent', 'The same list without its duplicates.', objects),
  array_order_only: match('equivalent', 'The same elements in a different order.', objects),
  array_added: match('equivalent', 'The list contains every element to be added.', objects),
  array_removed: match('equivalent', 'The list contains none of the elements to be removed.', objects),
  inc_confirmed: match('equivalent', 'The number is the last known value plus the increment.', objects),
  object_merged: match(
    'equivalent',
    'The object contains everything to be merged.',
    'nested_custom_attribute_support',
  ),
  null_removed: match('equivalent', 'The profile has no such value, as requested.', objects),
  event_counted: match('equivalent', 'The count rose by exactly what this row adds.', 'inferred'),
  later_event_exists: match(
    'equivalent',
    'The profile shows a later occurrence; this one is earlier.',
    'inferred',
  ),
  occurrence_listed: match(
    'equivalent',
    'The profile lists this as often as the rows request it, or more; how often before is not known.',
    'inferred',
  ),
  email_form: match(
    'equivalent',
    'The same address, in another case or without spaces around it.',
    'inferred',
  ),
  phone_form: match(
    'equivalent',
    'The same number, with other punctuation; ten digits are a number of the US.',
    'user_phone_numbers',
  ),
  country_form: match('equivalent', 'The same country, as its two-letter code.', objects),
  language_form: match('equivalent', 'The same language, in another case or without its region.', 'inferred'),
  gender_form: match('equivalent', 'The same gender, as its letter.', 'inferred'),
  time_zone_form: match('equivalent', 'The same time zone, under another of its names.', 'inferred'),
  location_rounded: match('equivalent', 'The same place; its coordinates were rounded.', 'inferred'),
  token_listed: match(
    'equivalent',
    'The profile lists every push token; it names the app, so the app ID cannot be compared.',
    exported,
  ),
  empty_as_absent: match(
    'equivalent',
    'The value is empty and the profile has none: an export leaves out what is null, false or empty.',
    exported,
  ),
} as const satisfies Record<string, Reason>
