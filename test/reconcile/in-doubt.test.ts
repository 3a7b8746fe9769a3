import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defaultReadings, type Readings } from '../../src/braze/assumptions.ts'
import { occurrenceField } from '../../src/braze/fields.ts'
import { userKeyOf } from '../../src/braze/identifiers.ts'
import { formatMoment, readMoment } from '../../src/braze/moments.ts'
import { isJsonObject, type Json, type JsonObject, textOf } from '../../src/model/json.ts'
import type { Kind } from '../../src/model/kind.ts'
import type { Observation } from '../../src/model/observation.ts'
import { appliedBy, type DoubtView } from '../../src/reconcile/in-doubt.ts'
import { Profiles } from '../../src/sandbox/profile.ts'
import { attributes, event, purchase, someReadings } from '../support/any-object.ts'
import { now } from '../support/build.ts'
import { lookAt, numberIn, writeTo } from '../support/look.ts'
import { long, user } from './scenes.ts'

interface Known extends Partial<Omit<DoubtView, 'before'>> {
  before?: number
}

/** What a look proves of an object of this user, all being settled. */
function proven(
  kind: Kind,
  body: JsonObject,
  profile: JsonObject | null,
  { before, ...more }: Known = {},
  seen: Partial<Observation> = {},
) {
  const whole = { external_id: user, ...body }
  const view = { before: () => before, isSettled: true, sentAt: now, ...more }
  return appliedBy({ kind, user: userKeyOf(whole), body: whole }, { profile, at: now, ...seen }, view)
}

const day = (d: number) => `2024-01-${String(d).padStart(2, '0')}T00:00:00.000Z`

describe('events and purchases', () => {
  const listed = (first: string, last: string, count: number) => ({
    custom_events: [{ name: 'n', first, last, count }],
    purchases: [{ name: 'n', first, last, count }],
  })
  const event5 = (profile: JsonObject, known?: Known) =>
    proven('events', { name: 'n', time: day(5) }, profile, known)

  test('with the count of before, the count tells', () => {
    expect(event5(listed(day(1), day(9), 4), { before: 3 })).toBe('yes')
    expect(event5(listed(day(1), day(9), 3), { before: 3 })).toBe('no')
    expect(event5(listed(day(1), day(9), 3), { before: 3, isSettled: false })).toBe('wait')
    expect(event5(listed(day(1), day(9), 5), { before: 3 })).toBe('unknown')
    expect(event5(listed(day(1), day(9), 2), { before: 3 })).toBe('unknown')
    expect(event5({}, { before: 0 })).toBe('no')
    expect(event5({}, { before: 3 })).toBe('unknown')
    const bought = { product_id: 'n', time: day(5), quantity: 3 }
    expect(proven('purchases', bought, listed(day(1), day(9), 4), { before: 1 })).toBe('yes')
    expect(proven('purchases', bought, listed(day(1), day(9), 2), { before: 1 })).toBe('unknown')
  })

  test('one more that is not at its time is somebody else’s', () => {
    expect(event5(listed(day(1), day(4), 4), { before: 3 })).toBe('unknown')
    expect(event5(listed(day(6), day(9), 4), { before: 3 })).toBe('unknown')
  })

  test('without it, an occurrence outside of first and last is not there', () => {
    expect(event5({})).toBe('no')
    expect(event5({}, { isSettled: false })).toBe('wait')
    expect(event5(listed(day(1), day(4), 3))).toBe('no')
    expect(event5(listed(day(6), day(9), 3))).toBe('no')
    expect(event5(listed(day(6), day(9), 3), { isSettled: false })).toBe('wait')
    expect(event5(listed(day(1), day(9), 3))).toBe('unknown')
    expect(event5(listed(day(5), day(9), 2))).toBe('unknown')
  })

  test('nor is it there more than once where it is the only one', () => {
    expect(event5(listed(day(5), day(5), 1))).toBe('yes')
    expect(event5(listed(day(5), day(5), 2))).toBe('unknown')
    expect(event5(listed('2024-01-005', day(5), 1))).toBe('unknown')
    const bought = { product_id: 'n', time: day(5), quantity: 3 }
    expect(proven('purchases', bought, listed(day(5), day(5), 3))).toBe('yes')
    expect(proven('purchases', bought, listed(day(5), day(9), 3))).toBe('unknown')
  })

  test('a time in the future may have become any time since the request was sent', () => {
    const future = { name: 'n', time: formatMoment(now + 3_600_000) }
    const near = formatMoment(now + 500)
    expect(proven('events', future, listed(day(1), near, 4), { before: 3 })).toBe('yes')
    expect(proven('events', future, listed(near, near, 1))).toBe('unknown')
    expect(proven('events', future, listed(day(1), day(9), 4))).toBe('no')
    // Seen much later, and it is not known when it was sent: within a day, nothing is proven.
    const { sentAt: _, ...unknownTime } = { before: () => undefined, isSettled: true, sentAt: 0 }
    const body = { external_id: user, ...future }
    const profile = listed(day(1), near, 4)
    const seen = { profile, at: now + 80_000_000 }
    expect(appliedBy({ kind: 'events', user: '', body }, seen, unknownTime)).toBe('unknown')
    expect(
      appliedBy({ kind: 'events', user: '', body }, seen, { ...unknownTime, sentAt: now + 7_200_000 }),
    ).toBe('no')
  })
})

describe('attributes', () => {
  const custom = (body: JsonObject, custom_attributes: JsonObject, known?: Known) =>
    proven('attributes', body, { custom_attributes }, known)

  test.each<[string, JsonObject, JsonObject]>([
    ['a value', { plan: 'gold' }, { plan: 'gold' }],
    ['a removal', { plan: null }, {}],
    ['a date', { since: '2024-01-02' }, { since: '2024-01-02T00:00:00.000Z' }],
    ['a list', { tags: ['a', 'b', 'a'] }, { tags: ['b', 'a'] }],
    ['elements at the end', { tags: { add: ['a'] } }, { tags: ['b', 'a'] }],
    ['nothing left to remove', { tags: { remove: ['a'] } }, { tags: ['b'] }],
    ['a merged object', { box: { x: 1 }, _merge_objects: true }, { box: { x: 1, y: 2 } }],
    ['all that can be seen', { plan: 'gold', subscription_groups: [] }, { plan: 'gold' }],
    ['all but what is too long', { plan: 'gold', long }, { plan: 'gold' }],
  ])('%s that is there was applied', (_, body, held) => {
    expect(custom(body, held)).toBe('yes')
    expect(custom(body, held, { isSettled: false })).toBe('yes')
  })

  test.each<[string, JsonObject, JsonObject]>([
    ['a value', { plan: 'gold' }, { plan: 'silver' }],
    ['a name', { plan: 'gold' }, {}],
    ['one of several', { plan: 'gold', age: 5 }, { plan: 'gold', age: 4 }],
    ['a removal', { plan: null }, { plan: 'gold' }],
    ['an element', { tags: { add: ['a'] } }, { tags: ['b'] }],
    ['an item', { tags: { $add: [{ id: 1 }] } }, { tags: [{ id: 2 }] }],
    ['a value beside a number', { plan: 'gold', n: { inc: 1 } }, { plan: 'silver', n: 5 }],
  ])('%s that is not there was not', (_, body, held) => {
    expect(custom(body, held)).toBe('no')
    expect(custom(body, held, { isSettled: false })).toBe('wait')
  })

  test.each<[string, JsonObject, JsonObject]>([
    ['nothing that an export shows', { subscription_groups: [] }, {}],
    ['only what is too long', { long }, { long: 'old' }],
    ['an item that may have been there', { tags: { $add: [{ id: 1 }] } }, { tags: [{ id: 1 }] }],
    ['elements in another order', { tags: ['a', 'b'] }, { tags: ['b', 'a'] }],
    ['an inner order', { box: { tags: ['a', 'b'] } }, { box: { tags: ['b', 'a'] } }],
    ['an element that was there before', { tags: { add: ['a'] } }, { tags: ['a', 'b'] }],
    ['an element that is added and removed', { tags: { add: ['a'], remove: ['a'] } }, { tags: ['b', 'a'] }],
    ['a removal from no list', { tags: { remove: ['a'] } }, {}],
    ['nothing added to no number', { plan: 'gold', n: { inc: 0 } }, { plan: 'gold' }],
    ['a value that may be coerced', { plan: 'gold', ok: 'T' }, { plan: 'gold', ok: true }],
    ['a name that may be blocklisted, beside a sum', { plan: 1, x: 2, n: { inc: 1 } }, { plan: 1, n: 5 }],
    ['a language that may not be taken', { language: 'klingon' }, {}],
    ['a token that may have moved on', { push_tokens: [{ app_id: 'a', token: 't' }] }, {}],
  ])('of %s, nothing can be told', (_, body, held) => {
    expect(custom(body, held)).toBe('unknown')
    expect(custom(body, held, { isSettled: false })).toBe('unknown')
  })

  test('text that is too long proves something where it is truncated', () => {
    const readings = { ...defaultReadings, longString: 'truncate' as const }
    const body = { plan: 'gold', long }
    expect(custom(body, { plan: 'gold', long: 'old' }, { readings })).toBe('unknown')
    expect(custom(body, { plan: 'gold', long: 'old' })).toBe('yes')
  })

  test('a sum tells where the number of before is known', () => {
    const inc = { plan: 'gold', n: { inc: 2 } }
    expect(custom(inc, { plan: 'gold', n: 7 }, { before: 5 })).toBe('yes')
    expect(custom(inc, { plan: 'gold', n: 5 }, { before: 5 })).toBe('no')
    expect(custom(inc, { plan: 'gold', n: 5 }, { before: 5, isSettled: false })).toBe('wait')
    expect(custom(inc, { plan: 'gold', n: 9 }, { before: 5 })).toBe('unknown')
    expect(custom(inc, { plan: 'gold', n: 7 })).toBe('unknown')
    expect(custom({ plan: 'gold', n: { inc: 0 } }, { plan: 'gold', n: 7 })).toBe('yes')
    // Too large to be counted in steps of one.
    expect(custom({ n: { inc: 1 } }, { n: 1e17 }, { before: 1e17 })).toBe('unknown')
    expect(custom({ a: { inc: 1 }, b: { inc: 2 } }, { a: 6, b: 5 }, { before: 5 })).toBe('unknown')
  })

  test('standard fields are told in any form', () => {
    const one = (body: JsonObject, profile: JsonObject) => proven('attributes', body, profile)
    expect(one({ email: 'Ana@X.org', country: 'spain' }, { email: 'ana@x.org', country: 'ES' })).toBe('yes')
    expect(one({ email: 'Ana@X.org', country: 'spain' }, { email: 'ana@x.org', country: 'PT' })).toBe('no')
    expect(one({ first_name: 'Ana', country: 'Atlantis' }, { first_name: 'Ana' })).toBe('yes')
  })
})

test('without a profile nothing was applied, and with several nothing can be told', () => {
  for (const kind of ['attributes', 'events'] as const) {
    const body = { name: 'n', time: day(5) }
    expect(proven(kind, body, null)).toBe('no')
    expect(proven(kind, body, null, { isSettled: false })).toBe('wait')
    expect(proven(kind, body, null, {}, { isAmbiguous: true })).toBe('unknown')
  }
})

const standard = fc.record(
  {
    first_name: fc.constantFrom('Ada', 'アナ', 'é'.repeat(256), null),
    home_city: fc.constantFrom('Lima', ''),
    country: fc.constantFrom('ES', 'US', 'Atlantis'),
    dob: fc.constantFrom('1990-12-31', '1991-12-31'),
    time_zone: fc.constantFrom('Europe/Madrid', 'Europe/Atlantis'),
  },
  { requiredKeys: [] },
)
/** Few values, so that what is asked for was often there before. */
const repeating = fc.dictionary(
  fc.constantFrom('plan', 'tags', 'basket'),
  fc.oneof(
    fc.constantFrom<Json>('gold', 5, true, null, ['a', 'b'], ['b', 'a'], ['b', 'a', 'b'], [{ id: 1 }]),
    fc.constantFrom<Json>({ inc: 1 }, { inc: 0 }, { add: ['a'] }, { add: ['b', 'c'] }, { remove: ['a'] }),
    fc.constantFrom<Json>({ x: 1 }, { x: 1, y: ['a', 'b'] }, { x: 1, y: ['b', 'a'] }),
    fc.constantFrom<Json>({ $add: [{ id: 1 }] }, { add: ['a'], remove: ['a'] }),
    fc.constantFrom<Json>({ $remove: [{ $identifier_key: 'id', $identifier_value: 1 }] }),
  ),
)
const anyAttributes = fc
  .tuple(fc.oneof(attributes, repeating), standard)
  .map(([custom, fields]): JsonObject => ({ ...custom, ...fields, external_id: 'u1' }))
const future = fc.constantFrom(formatMoment(now + 1000), formatMoment(now + 86_400_000))
const timed = (body: fc.Arbitrary<JsonObject>) =>
  fc.tuple(body, fc.option(future)).map(([one, time]) => (time === null ? one : { ...one, time }))

/** What differs between two exports, if moments and the last bits of numbers do not count. */
function essence(value: Json): Json {
  if (typeof value === 'string') return readMoment(value)?.ms ?? value
  if (typeof value === 'number') return Number(value.toPrecision(14))
  if (Array.isArray(value)) return value.map(essence)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map(key => [key, essence(value[key] ?? null)]),
  )
}

describe('any object that may have been applied to any profile', () => {
  test.each<[Kind, fc.Arbitrary<JsonObject>]>([
    ['attributes', anyAttributes],
    ['events', timed(event)],
    ['purchases', timed(purchase)],
  ])(
    '%s are never said to be applied that are missing, nor to be missing that were applied',
    (kind, body) => {
      const told = new Map<string, number>()
      fc.assert(
        fc.property(
          fc.array(body, { maxLength: 3 }),
          body,
          fc.boolean(),
          fc.boolean(),
          fc.boolean(),
          someReadings,
          (history, object, knowsBefore, isSettled, knowsTime, readings) => {
            const name = textOf(object[kind === 'attributes' ? 'plan' : occurrenceField[kind]])
            // Of two equal occurrences no profile can tell which is there.
            const isEqual = (one: JsonObject) => kind !== 'attributes' && one['time'] === object['time']
            const earlier = knowsBefore ? history : history.filter(one => !isEqual(one))
            const make = (isApplied: boolean) => {
              const profiles = new Profiles()
              for (const one of earlier) writeTo(profiles, kind, one, readings, now - 7_200_000)
              const before = new Map(
                [...Object.keys(object), name].map(key => [key, numberIn(profiles, kind, object, key)]),
              )
              const isWritten = isApplied && writeTo(profiles, kind, object, readings)
              return { profile: lookAt(profiles, kind, object), before, isWritten }
            }
            const tell = ({ profile, before }: ReturnType<typeof make>) =>
              appliedBy(
                { kind, user: userKeyOf(object), body: object },
                { profile, at: now + 3000 },
                viewOf(before, knowsBefore, isSettled, knowsTime, readings),
              )
            const [applied, missing] = [make(true), make(false)]
            if (applied.isWritten) expect(tell(applied)).not.toBe('no')
            if (tell(missing) === 'yes') expect(essence(missing.profile)).toEqual(essence(applied.profile))
            if (!isSettled) expect([tell(applied), tell(missing)]).not.toContain('no')
            for (const said of [tell(applied), tell(missing)]) told.set(said, (told.get(said) ?? 0) + 1)
          },
        ),
        { numRuns: 200 },
      )
      // Nor does it keep silent to be right.
      for (const said of ['yes', 'no', 'wait']) expect(told.get(said), said).toBeGreaterThan(20)
    },
  )
})

function viewOf(
  numbers: ReadonlyMap<string, number | undefined>,
  knowsBefore: boolean,
  isSettled: boolean,
  knowsTime: boolean,
  readings: Readings,
): DoubtView {
  const before = (_: Kind, name: string) => (knowsBefore ? numbers.get(name) : undefined)
  return { before, isSettled, readings, ...(knowsTime ? { sentAt: now } : {}) }
}
