import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fields } from '../../src/braze/fields.ts'
import { identifierNames } from '../../src/braze/identifiers.ts'
import { profileFor } from '../../src/braze/exported-profile.ts'
import { valuesOf } from '../../src/braze/values.ts'
import { LookupForecast, type LookupTerms } from '../../src/forecast/lookup-forecast.ts'
import type { JsonObject } from '../../src/model/json.ts'
import type { Kind } from '../../src/model/kind.ts'
import type { PlannedLookups } from '../../src/model/plan.ts'
import { problem } from '../../src/model/problem.ts'
import type { TrackObject } from '../../src/model/track-object.ts'
import { trackObject } from '../support/build.ts'

const terms: LookupTerms = {
  purposes: ['verify'],
  togetherWithin: 1000,
  perMinute: 500,
  lookupsPerMinute: 250,
  fillMs: 2000,
  firstLookMs: 2000,
}

function forecast(batches: TrackObject[][], more: Partial<LookupTerms> = {}): PlannedLookups {
  const lookups = new LookupForecast({ ...terms, ...more })
  for (const batch of batches) lookups.add(batch)
  return lookups.figures()
}

/** One row each, in input order. */
function rows(kind: Kind, bodies: JsonObject[]): TrackObject[] {
  return bodies.map((body, seq) => trackObject(kind, body, { seq }))
}

function users(count: number, bodyOf: (i: number) => JsonObject): TrackObject[] {
  return rows(
    'attributes',
    Array.from({ length: count }, (_, i) => bodyOf(i)),
  )
}

const named = (i: number) => ({ external_id: `u${i}`, plan: 'gold', first_name: 'Ana' })

describe('values', () => {
  const attributes = {
    external_id: 'a',
    email: 'a@example.com',
    first_name: '名前',
    current_location: { longitude: 1, latitude: 2 },
    プラン: 'gold',
    constructor: 1,
    subscription_groups: [],
    image_url: 'x',
    _update_existing_only: true,
  }
  const event = { external_id: 'a', name: 'e', time: '2022-12-06', app_id: 'x', properties: { a: 1, b: 2 } }
  const purchase = { external_id: 'a', product_id: 'p', time: '2022-12-06', currency: 'EUR', price: 1 }

  test('are counted by what shows them: a response, only a profile, or nothing', () => {
    const shownBy = (kind: Kind, body: JsonObject) => forecast([rows(kind, [body])]).shown
    expect(shownBy('attributes', attributes)).toEqual({ response: 2, lookup: 3, never: 2 })
    expect(shownBy('events', event)).toEqual({ response: 2, lookup: 0, never: 3 })
    expect(shownBy('purchases', purchase)).toEqual({ response: 2, lookup: 0, never: 2 })
    expect(shownBy('attributes', { email: 'a@example.com', phone: '+1' })).toEqual({
      response: 0,
      lookup: 1,
      never: 0,
    })
  })

  test('of an audit are all left to profiles, since nothing is sent that would be responded to', () => {
    const audited = forecast([rows('attributes', [attributes])], { purposes: ['audit'] })
    expect(audited.shown).toEqual({ response: 0, lookup: 5, never: 2 })
  })

  test('of any object are those that a report judges, each shown by a profile where an export has it', () => {
    const known = [...identifierNames, ...Object.keys(fields.attributes)]
    const name = fc.oneof(fc.constantFrom(...known), fc.string({ unit: 'binary', maxLength: 9 }))
    const value = fc.constantFrom('', 'x', 1, null, { a: 1 })
    const body = fc.dictionary(name, value)
    fc.assert(
      fc.property(body, asked => {
        const { shown } = forecast([rows('attributes', [asked])])
        const { custom_attributes: custom, ...standard } = profileFor({}, 'attributes', asked)
        const total = valuesOf('attributes', asked).length
        const [response, lookup] = [Object.keys(custom ?? {}).length, Object.keys(standard).length]
        expect(shown).toEqual({ response, lookup, never: total - response - lookup })
      }),
    )
    const properties = fc.oneof(fc.dictionary(fc.string(), value), fc.constantFrom('x', null, []))
    fc.assert(
      fc.property(fc.constantFrom('events', 'purchases'), body, properties, (kind, others, given) => {
        const asked = { external_id: 'a', ...others, properties: given }
        const { response, lookup, never } = forecast([rows(kind, [asked])]).shown
        expect([response + never, lookup]).toEqual([valuesOf(kind, asked).length, 0])
      }),
    )
  })

  test('of invalid rows are not counted, and their users are not looked up', () => {
    const bad = { problems: [problem('key_invalid', 'x')] }
    const invalid = [trackObject('attributes', attributes, bad), trackObject(null, {}, bad)]
    expect(forecast([invalid], { purposes: ['verify', 'snapshot'] })).toMatchObject({
      shown: { response: 0, lookup: 0, never: 0 },
      users: 0,
      requests: 0,
      minutes: 0,
    })
  })
})

describe('users', () => {
  test('are not counted where nobody is looked up', () => {
    expect(forecast([users(10, named)], { purposes: [] })).toEqual({
      purposes: [],
      shown: { response: 10, lookup: 10, never: 0 },
    })
  })

  test('of whom the response shows all are not looked up to verify, but for a snapshot and by an audit', () => {
    const plain = [users(10, i => ({ external_id: `u${i}`, plan: 'gold' }))]
    expect(forecast(plain)).toMatchObject({ users: 0, requests: 0 })
    expect(forecast(plain, { purposes: ['snapshot'] })).toMatchObject({ users: 10, requests: 1 })
    expect(forecast(plain, { purposes: ['audit'] })).toMatchObject({ users: 10, requests: 1 })
  })

  test('of events, purchases and increments are looked up where the count before is not known', () => {
    const batches = [
      rows('events', [{ external_id: 'a', name: 'e', time: '2022-12-06' }]),
      rows('attributes', [{ external_id: 'b', points: { inc: 1 } }]),
      rows('attributes', [{ external_id: 'c', tags: { add: ['x'] } }]),
    ]
    expect(forecast(batches).users).toBe(2)
    expect(forecast(batches, { purposes: ['verify', 'snapshot'] })).toMatchObject({ users: 3, requests: 3 })
  })

  test('who are addressed by email, phone or braze_id take a request each, all others share them', () => {
    const mixed = [
      ...users(60, named),
      ...users(40, i => ({ user_alias: { alias_name: `${i}`, alias_label: 'l' }, first_name: 'x' })),
      ...users(3, i => ({ email: `${i}@example.com`, first_name: 'x' })),
      ...users(2, i => ({ phone: `+1555${i}`, first_name: 'x' })),
      ...users(1, i => ({ braze_id: `b${i}`, first_name: 'x' })),
    ]
    expect(forecast([mixed], { purposes: ['audit'] })).toMatchObject({ users: 106, requests: 2 + 6 })
    expect(forecast([mixed], { purposes: ['snapshot'] })).toMatchObject({ users: 106, requests: 2 + 6 })
  })

  test('of many rows are few, and looked up once for rows that are close together', () => {
    const row = { email: 'ana@example.com', first_name: 'Ana' }
    const at = (seqs: number[]) => [seqs.map(seq => trackObject('attributes', row, { seq }))]
    const close = at(Array.from({ length: 1000 }, (_, i) => i))
    expect(forecast(close, { purposes: ['audit'] })).toMatchObject({ users: 1, requests: 1 })
    expect(forecast(at([0, 5000, 10_000]), { purposes: ['audit'] })).toMatchObject({ users: 1, requests: 3 })
  })
})

describe('requests', () => {
  test('are full where the rows come fast, and leave after two seconds where they come slowly', () => {
    const many = [users(10_000, named)]
    expect(forecast(many, { perMinute: 60_000 }).requests).toBe(200 + 9)
    // 500 rows a minute are 17 in two seconds.
    expect(forecast(many).requests).toBe(Math.ceil(10_000 / 17) + 9)
    expect(forecast(many, { perMinute: 6 }).requests).toBe(10_000)
  })

  test('are at most one a user, and as many minutes as the rate says', () => {
    const few = forecast([users(3, named)])
    expect(few).toMatchObject({ users: 3, requests: 3, perMinute: 250, minutes: 3 / 250 })
    expect(forecast([users(3, named)], { lookupsPerMinute: null })).toMatchObject({
      requests: 3,
      minutes: null,
    })
  })

  test('of looks that are too many to be counted are an estimate, however few the users are', () => {
    const again = (times: number) =>
      users(20_000, i => ({ external_id: `u${i % 200}`, first_name: 'x' })).map(row => ({
        ...row,
        seq: row.seq * times,
      }))
    const [close, apart] = [forecast([again(1)]), forecast([again(1000)])]
    expect(close).toMatchObject({ users: 200, isEstimate: false })
    expect(apart).toMatchObject({ users: 200, isEstimate: true })
    expect(apart.requests).toBeGreaterThan(0.9 * (20_000 / 17))
    expect(apart.requests).toBeLessThan(1.1 * (20_000 / 17))
  })

  test('of a snapshot are not full at the end of each batch', () => {
    const batches = Array.from({ length: 10 }, (_, batch) =>
      users(60, i => ({ external_id: `${batch} ${i}`, first_name: 'x' })),
    )
    expect(forecast(batches, { purposes: ['snapshot'] }).requests).toBe(12 + 9)
  })

  test('of a snapshot look again at a user whose rows ask for something new', () => {
    const bodies = [
      { external_id: 'a', first_name: 'x', plan: 'gold' },
      { external_id: 'a', plan: 'silver', first_name: 'y' },
      { external_id: 'a', plan: 'silver' },
    ]
    const batches = rows('attributes', bodies).map(row => [row])
    expect(forecast(batches, { purposes: ['snapshot'] })).toMatchObject({ users: 1, requests: 2 })
  })

  test('are twice as many for a snapshot and a verification together', () => {
    const all = [users(5000, named)]
    const verify = forecast(all).requests ?? 0
    const snapshot = forecast(all, { purposes: ['snapshot'] }).requests ?? 0
    expect(forecast(all, { purposes: ['verify', 'snapshot'] }).requests).toBe(verify + snapshot)
  })
})
