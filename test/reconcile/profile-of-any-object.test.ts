import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defaultReadings, type Readings } from '../../src/braze/assumptions.ts'
import { occurrenceField } from '../../src/braze/fields.ts'
import { userKeyOf } from '../../src/braze/identifiers.ts'
import { valuesOf } from '../../src/braze/values.ts'
import { type Json, type JsonObject, textOf } from '../../src/model/json.ts'
import type { Kind } from '../../src/model/kind.ts'
import { type ReasonCode, reasons as meaning } from '../../src/model/verdict.ts'
import { judgeProfile, type ProfileView } from '../../src/reconcile/judge-profile.ts'
import { isFinal } from '../../src/reconcile/settle.ts'
import { Profiles } from '../../src/sandbox/profile.ts'
import { attributes, event, purchase, someReadings } from '../support/any-object.ts'
import { now } from '../support/build.ts'
import { lookAt, numberIn, writeTo } from '../support/look.ts'

// Whatever an object asks for, a look at the profile that came of it knows why it is as it is.

const standard = fc.record(
  {
    first_name: fc.oneof(fc.string({ unit: 'grapheme', maxLength: 8 }), fc.constant('é'.repeat(256))),
    email: fc.constantFrom('Ana@X.org', 'ana@x.org'),
    phone: fc.constantFrom('+34 600 111 213', '600111213', '(415) 555-2671'),
    country: fc.constantFrom('US', 'us', 'UK', 'Spain', 'Atlantis', ''),
    language: fc.constantFrom('es', 'ES', 'es-MX', 'klingon'),
    gender: fc.constantFrom('M', 'f', 'male'),
    dob: fc.constantFrom('1990-12-31', '12/31/1990', 'soon'),
    time_zone: fc.constantFrom('Europe/Madrid', 'Madrid', 'Europe/Atlantis'),
    email_subscribe: fc.constantFrom('opted_in', 'unsubscribed'),
    current_location: fc.record({ longitude: fc.integer({ min: -9, max: 9 }), latitude: fc.constant(1.5) }),
    push_tokens: fc.constantFrom<Json>([], [{ app_id: 'a', token: 't' }]),
    home_city: fc.constantFrom(null, 'Lima', ''),
    facebook: fc.constant({ id: '1' }),
    date_of_first_session: fc.constant('2020-01-01'),
  },
  { requiredKeys: [] },
)
const anyAttributes = fc
  .tuple(attributes, standard)
  .map(([custom, fields]): JsonObject => ({ ...custom, ...fields }))

const kindsOfObjects: [Kind, fc.Arbitrary<JsonObject>][] = [
  ['attributes', anyAttributes],
  ['events', event],
  ['purchases', purchase],
]

/** What the request explains, or needs no explanation. */
function isExpected(reason: ReasonCode): boolean {
  return meaning[reason].counts !== 'differ' || isFinal(reason) || reason === 'item_not_found'
}

function view(readings: Readings, more: Partial<ProfileView>): ProfileView {
  return {
    at: now,
    sentAt: now,
    readings,
    expected: () => ({ before: undefined, adds: 0 }),
    isOverwritten: () => false,
    repeated: false,
    ...more,
  }
}

function judged(kind: Kind, body: JsonObject, profiles: Profiles, how: ProfileView) {
  const asked = { kind, user: userKeyOf(body), body }
  const { reasons } = judgeProfile(asked, { profile: lookAt(profiles, kind, body), at: now }, how)
  const values = valuesOf(kind, body)
  expect(reasons).toHaveLength(values.length)
  return values.map((value, i) => ({ ...value, reason: reasons[i] ?? 'unexplained' }))
}

function addsOf(kind: Kind, body: JsonObject, name: string): number {
  if (kind !== 'attributes') return Number(body['quantity'] ?? 1)
  const value = body[name] ?? null
  return typeof value === 'object' && value !== null && 'inc' in value ? Number(value.inc) : 0
}

describe('any object, written by the sandbox and exported by it', () => {
  test.each(kindsOfObjects)('%s are explained, each after it was written', (kind, body) => {
    fc.assert(
      fc.property(fc.array(body, { minLength: 1, maxLength: 4 }), someReadings, (bodies, readings) => {
        const profiles = new Profiles()
        for (const one of bodies) {
          const names = kind === 'attributes' ? Object.keys(one) : [textOf(one[occurrenceField[kind]])]
          const known = new Map(names.map(name => [name, numberIn(profiles, kind, one, name)]))
          if (!writeTo(profiles, kind, one, readings)) continue
          const how = view(readings, {
            expected: (_, name) => ({ before: known.get(name), adds: addsOf(kind, one, name) }),
          })
          expect(judged(kind, one, profiles, how).filter(({ reason }) => !isExpected(reason))).toEqual([])
        }
      }),
      { numRuns: 150 },
    )
  })

  test.each(kindsOfObjects)('%s are explained, all of them at the end', (kind, body) => {
    fc.assert(
      fc.property(fc.array(body, { minLength: 1, maxLength: 4 }), someReadings, (bodies, readings) => {
        const profiles = new Profiles()
        const written = bodies.filter(one => writeTo(profiles, kind, one, readings))
        written.forEach((one, i) => {
          const later = written.slice(i + 1)
          const how = view(readings, {
            isOverwritten: field => later.some(other => Object.hasOwn(other, field)),
            expected: (_, name) => ({
              before: undefined,
              adds: written
                .filter(other => kind === 'attributes' || other[occurrenceField[kind]] === name)
                .reduce((sum, other) => sum + addsOf(kind, other, name), 0),
            }),
          })
          expect(judged(kind, one, profiles, how).filter(({ reason }) => !isExpected(reason))).toEqual([])
        })
      }),
      { numRuns: 150 },
    )
  })

  test('a purchase that was lost shows in the count', () => {
    fc.assert(
      fc.property(fc.array(purchase, { minLength: 1, maxLength: 5 }), fc.nat(), (bodies, which) => {
        const profiles = new Profiles()
        const lost = bodies[which % bodies.length] ?? {}
        for (const one of bodies) if (one !== lost) writeTo(profiles, 'purchases', one, defaultReadings)
        // Somebody has to be there.
        writeTo(profiles, 'attributes', { email: textOf(lost['email']), plan: 'gold' }, defaultReadings)
        const same = bodies.filter(({ product_id }) => product_id === lost['product_id'])
        const adds = same.reduce((sum, one) => sum + addsOf('purchases', one, ''), 0)
        const how = view(defaultReadings, { expected: () => ({ before: undefined, adds }) })
        const counted = judged('purchases', lost, profiles, how).find(({ field }) => field === 'product_id')
        expect(counted?.reason).toBe('count_short')
      }),
    )
  })
})
