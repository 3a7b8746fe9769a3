import { expect, test } from 'vitest'
import type { JsonObject } from '../../src/model/json.ts'
import { formatMoment } from '../../src/braze/moments.ts'
import { type ReasonCode, reasons } from '../../src/model/verdict.ts'
import { Memory, reconcile } from '../../src/reconcile/reconcile.ts'
import type { Look } from '../../src/model/observation.ts'
import type { ProfileView } from '../../src/reconcile/judge-profile.ts'
import { shareOut } from '../../src/reconcile/per-object.ts'
import { atSettle } from '../../src/reconcile/settle.ts'
import { answered, now } from '../support/build.ts'
import {
  attribute,
  audited,
  big,
  event,
  long,
  look,
  play,
  repeated,
  replied,
  seen,
  stored,
  tags,
  time,
  user,
} from './scenes.ts'

type Claim = () => ReasonCode | undefined

const good = { users: [{ external_id: user, custom_attributes: { a: 1 } }], message: 'success' }
const nobody = { users: [], message: 'success' }
const later = formatMoment(now + 3_600_000)
const merge = { steering: { _merge_objects: true } }
const clamp = { readings: { futureAttributes: 'clamp' as const } }
const twice = { exchange: { doubts: 1 } }
const overlapped = { exchange: { overlapped: true } }
const name = 'n'.repeat(256)
const standard = { external_id: user, first_name: 'Ada' }
const purchase = { external_id: user, product_id: 'p', time, price: 1, currency: 'EUR' }
const bought = {
  users: [
    { external_id: user, purchase_events: [{ product_id: 'p', first: stored, last: stored, count: 1 }] },
  ],
}

const place = { longitude: -3.703_79, latitude: 40.416_775 }
const byLater = { isOverwritten: () => true }

/** Each code with an answer that shows it, and one that comes near and does not. */
const cases: Record<ReasonCode, [shows: Claim, doesNot: Claim]> = {
  exact: [() => attribute('gold', 'gold'), () => attribute('gold', 'gol')],
  number_form: [() => attribute(0.1 + 0.2, 0.3), () => attribute(0.31, 0.3)],
  date_same_instant: [() => attribute(time, stored), () => attribute(time, '2022-12-06T19:20:45.000Z')],
  date_utc_assumed: [
    () => attribute('2022-12-06', '2022-12-06T00:00:00.000Z'),
    () => attribute('2022-12-06T00:00:00Z', '2022-12-06T00:00:00.000Z'),
  ],
  array_deduplicated: [() => attribute([1, 1, 2], [1, 2]), () => attribute([1, 2], [1])],
  array_order_only: [() => attribute([1, 2], [2, 1]), () => attribute([1, 2], [2, 3])],
  array_added: [() => attribute({ add: ['b'] }, ['a', 'b']), () => attribute({ add: ['b'] }, ['a'])],
  array_removed: [() => attribute({ remove: ['b'] }, ['a']), () => attribute({ remove: ['b'] }, ['b'])],
  inc_confirmed: [
    () => attribute({ inc: 2 }, 7, { memory: seen(5) }),
    () => attribute({ inc: 2 }, 8, { memory: seen(5) }),
  ],
  object_merged: [
    () => attribute({ x: 1 }, { x: 1, y: 2 }, merge),
    () => attribute({ x: 1 }, { x: 1, y: 2 }),
  ],
  item_not_found: [
    () =>
      attribute({ $update: [{ $identifier_key: 'id', $identifier_value: 9, $new_object: { x: 1 } }] }, [
        { id: 1 },
      ]),
    () =>
      attribute({ $update: [{ $identifier_key: 'id', $identifier_value: 1, $new_object: { x: 1 } }] }, [
        { id: 1 },
      ]),
  ],
  null_removed: [() => attribute(null), () => attribute(null, 'gold')],
  event_counted: [
    () => event({ count: 6 }, { memory: seen(5) })[0],
    () => event({ count: 7 }, { memory: seen(5) })[0],
  ],
  later_event_exists: [() => event({ last: '2023-01-01' })[1], () => event({ last: '2022-01-01' })[1]],

  standard_field_not_echoed: [
    () => play({ body: standard, reply: good }).reasons[0],
    () => play({ body: { external_id: user, First_name: 'Ada' }, reply: good }).reasons[0],
  ],
  details_not_echoed: [
    () => play({ kind: 'purchases', body: purchase, reply: bought }).reasons[2],
    () => play({ kind: 'purchases', body: purchase, reply: bought }).reasons[1],
  ],
  count_baseline_unknown: [() => event({ count: 6 })[0], () => event({ count: 6 }, { memory: seen(5) })[0]],
  inc_baseline_unknown: [() => attribute({ inc: 2 }, 7), () => attribute({ inc: 2 }, 7, { memory: seen(5) })],
  queued_202: [() => replied(good, {}, { status: 202 }), () => replied(good)],
  date_unreadable: [
    () => event({ last: '2022-12-006T18:20:45.000Z' })[1],
    () => event({ first: '2022-01-001T00:00:00.000Z' })[1],
  ],
  reply_malformed: [() => replied('{"users":[{"a":1,}]}'), () => replied(good)],
  answer_lost: [
    () => replied(good, {}, { exchange: { result: { lost: { sent: true, reason: 'ECONNRESET' } } } }),
    () => replied(good, {}, twice),
  ],

  coerced_boolean: [() => attribute('T', true), () => attribute('yes', true)],
  coerced_number: [() => attribute('007', 7), () => attribute('007', 8)],
  coerced_string: [() => attribute(25, '25'), () => attribute(25, '26')],
  date_kept_as_string: [
    () => attribute({ $time: 'Mar 26 2026' }, 'Mar 26 2026'),
    () => attribute('Mar 26 2026', 'Mar 26 2026'),
  ],
  future_clamped: [
    () => attribute(later, formatMoment(now), clamp),
    () => attribute(later, formatMoment(now)),
  ],
  string_too_long: [() => attribute(long, 'old'), () => attribute(long.slice(1), 'old')],
  string_truncated: [() => attribute(long, long.slice(1)), () => attribute(long.slice(1), long.slice(2))],
  array_over_limit: [
    () => attribute(tags(501), tags(501).slice(1)),
    () => attribute(tags(500), tags(500).slice(1)),
  ],
  array_too_large: [() => attribute([big], ['old']), () => attribute([big.slice(1000)], ['old'])],
  object_too_large: [
    () => attribute({ x: Array(500).fill('y'.repeat(250)) }, { x: 1 }),
    () => attribute({ x: Array(100).fill('y'.repeat(250)) }, { x: 1 }),
  ],
  nested_invalid_dropped: [() => attribute({ x: null }, { x: 1 }), () => attribute({ x: 0 }, { x: 1 })],
  nested_year_dropped: [
    () => attribute({ x: { $time: '3001-01-01' } }, { x: 1 }),
    () => attribute({ x: { $time: '3000-01-01' } }, { x: 1 }),
  ],
  key_not_allowed: [() => attribute({ 'x.y': 1 }, { x: 1 }), () => attribute({ 'x-y': 1 }, { x: 1 })],
  type_rejected: [() => attribute('yes', true), () => attribute('f', true)],
  maybe_blocklisted: [
    () => repeated(3, memory => attribute('gold', undefined, { memory })),
    () => repeated(2, memory => attribute('gold', undefined, { memory })),
  ],
  count_unexpected: [
    () => event({ count: 7 }, { memory: seen(5) })[0],
    () => event({ count: 7 }, { memory: seen(5), ...overlapped })[0],
  ],
  user_not_found: [() => replied(nobody, { _update_existing_only: true }), () => replied(nobody)],
  other_profile: [
    () => replied({ users: [{ external_id: 'u2', custom_attributes: { a: 1 } }] }),
    () => replied({ users: [{ braze_id: 'b', custom_attributes: { a: 1 } }] }),
  ],
  request_rejected: [() => replied({ message: 'bad' }, {}, { status: 400 }), () => replied(good)],
  concurrent_write: [() => attribute('gold', 'silver', overlapped), () => attribute('gold', 'silver')],
  possible_duplicate: [
    () => event({ count: 7 }, { memory: seen(5), ...twice })[0],
    () => event({ count: 7 }, { memory: seen(5) })[0],
  ],
  key_missing: [() => attribute('gold'), () => attribute('gold', null)],
  extra_key: [
    () => attribute('gold', undefined, { others: { b: 1 } }),
    () => attribute('gold', 'gold', { others: { b: 1 } }),
  ],
  not_exported: [
    () => looked({ subscription_groups: [] }, {}),
    () => looked({ email_subscribe: 'subscribed' }, { email_subscribe: 'subscribed' }),
  ],
  not_in_export: [
    () => lookedIn(['external_id'], { plan: 'gold' }, {}),
    () => lookedIn(['external_id', 'custom_attributes'], { plan: 'gold' }, {}),
  ],
  lookup_failed: [
    () => judgedBy({ unseen: { why: 'failed', message: 'The host responded with 500.' } }),
    () => judgedBy({ seen: { profile: { custom_attributes: { plan: 'gold' } }, at: now } }),
  ],
  overwritten: [
    () => looked({ plan: 'gold' }, { custom_attributes: { plan: 'silver' } }, byLater),
    () => looked({ plan: 'gold' }, { custom_attributes: { plan: 'gold' } }, byLater),
  ],
  occurrence_listed: [
    () => lookedFor({ count: 2 }, { expected: () => ({ before: undefined, adds: 2 }) })[0],
    () => lookedFor({ count: 2, last: '2022-12-05T00:00:00.000Z', first: '2022-12-05T00:00:00.000Z' })[0],
  ],
  count_short: [
    () => lookedFor({ count: 2 }, { expected: () => ({ before: undefined, adds: 3 }) })[0],
    () => lookedFor({ count: 3 }, { expected: () => ({ before: undefined, adds: 3 }) })[0],
  ],
  not_settled: [
    () => atSettle(looked({ plan: 'gold' }, { custom_attributes: { plan: 'silver' } })),
    () => atSettle(looked({ plan: long }, { custom_attributes: { plan: 'silver' } })),
  ],
  email_form: [
    () => looked({ email: 'Ana@X.org' }, { email: 'ana@x.org' }),
    () => looked({ email: 'Ana@X.org' }, { email: 'anna@x.org' }),
  ],
  phone_form: [
    () => looked({ phone: '+34 600 111 213' }, { phone: '+34600111213' }),
    () => looked({ phone: '600 111 213' }, { phone: '+34600111213' }),
  ],
  country_form: [
    () => looked({ country: 'spain' }, { country: 'ES' }),
    () => looked({ country: 'spain' }, { country: 'PT' }),
  ],
  language_form: [
    () => looked({ language: 'es-MX' }, { language: 'es' }),
    () => looked({ language: 'es' }, { language: 'es-MX' }),
  ],
  gender_form: [
    () => looked({ gender: 'female' }, { gender: 'F' }),
    () => looked({ gender: 'female' }, { gender: 'M' }),
  ],
  time_zone_form: [
    () => looked({ time_zone: 'Madrid' }, { time_zone: 'Europe/Madrid' }),
    () => looked({ time_zone: 'Madrid' }, { time_zone: 'Europe/Paris' }),
  ],
  location_rounded: [
    () => looked({ current_location: place }, { last_coordinates: [-3.7038, 40.4168] }),
    () => looked({ current_location: place }, { last_coordinates: [40.4168, -3.7038] }),
  ],
  token_listed: [
    () => looked({ push_tokens: [{ app_id: 'a', token: 't' }] }, { push_tokens: [{ app: 'A', token: 't' }] }),
    () => looked({ push_tokens: [{ app_id: 'a', token: 't' }] }, { push_tokens: [{ app: 'A', token: 'u' }] }),
  ],
  empty_as_absent: [
    () => looked({ home_city: '' }, {}),
    () => looked({ home_city: '' }, { home_city: 'Lima' }),
  ],
  standard_value_dropped: [
    () => looked({ country: 'Atlantis' }, {}),
    () => looked({ country: 'Atlantis' }, { country: 'ES' }),
  ],
  superseded: [
    () => rowsOf({ plan: 'gold' }, { plan: 'silver' }),
    () => rowsOf({ plan: 'gold' }, { age: 5 }),
  ],
  unexplained: [() => attribute('gold', 'silver'), () => attribute(long, 'silver')],
}

/** The reason of the last attribute of an object, where a look shows this profile. */
function looked(body: JsonObject, profile: JsonObject, more: Partial<ProfileView> = {}): ReasonCode {
  return look('attributes', body, profile, more).reasons.at(-1) ?? 'reply_malformed'
}

/** The reason of the plan of a row that was not sent, where a look comes to this. */
function judgedBy(shown: Look): ReasonCode | undefined {
  return audited({ plan: 'gold' }, shown).reasons[0]
}

/** The same of the last attribute, where an export of users with these fields shows this profile. */
function lookedIn(fields: string[], body: JsonObject, profile: JsonObject): ReasonCode | undefined {
  return audited(body, { seen: { profile, at: now } }, { fields: new Set(fields) }).reasons.at(-1)
}

/** The reasons of name and time of an event `n`, which a look shows with these numbers. */
function lookedFor(shown: JsonObject, more: Partial<ProfileView> = {}): ReasonCode[] {
  const custom_events = [{ name: 'n', first: stored, last: stored, count: 1, ...shown }]
  return look('events', { name: 'n', time }, { custom_events }, more).reasons
}

/** The reason of the first value of the first of two rows that left in one request, both stored as requested. */
function rowsOf(first: JsonObject, second: JsonObject): ReasonCode | undefined {
  const [asked, ...rows] = [{ ...first, ...second }, first, second].map(body => {
    return { kind: 'attributes' as const, user: '', body: { external_id: user, ...body } }
  })
  if (asked === undefined) return undefined
  const exchange = answered(201, {
    users: [{ external_id: user, custom_attributes: { ...first, ...second } }],
  })
  const whole = reconcile(asked, exchange, now, new Memory())
  return shareOut(rows, asked, whole)[0]?.reasons[0]
}

const codes = Object.keys(reasons) as ReasonCode[]

test.each(codes)('%s is given where the answer shows it', code => {
  expect(cases[code][0]()).toBe(code)
})

test.each(codes)('%s is not given where the answer only comes near it', code => {
  const given = cases[code][1]()
  expect(codes).toContain(given)
  expect(given).not.toBe(code)
})

test('a name longer than a profile can hold is the reason only while the answer does not list it', () => {
  const told = (held: object) =>
    play({
      body: { external_id: user, [name]: 1 },
      reply: { users: [{ external_id: user, custom_attributes: { ...held } }] },
    })
  expect(told({}).reasons).toEqual(['key_not_allowed'])
  expect(told({ [name]: 2 }).reasons).toEqual(['unexplained'])
})

test('an answer after doubts that shows one application is no duplicate', () => {
  expect(answered(201, good).doubts).toBeUndefined()
  expect(event({ count: 6 }, { memory: seen(5), ...twice })[0]).toBe('event_counted')
  expect(event({ count: 5 }, { memory: seen(5), ...twice })[0]).toBe('count_unexpected')
})
