import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Kind } from '../../src/model/kind.ts'
import { userKeyOf } from '../../src/braze/identifiers.ts'
import { isJsonObject, type Json, type JsonObject, sameJson } from '../../src/model/json.ts'
import { valuesOf } from '../../src/braze/values.ts'
import { reasons as meaning } from '../../src/model/verdict.ts'
import { Memory, reconcile } from '../../src/reconcile/reconcile.ts'
import { Profiles } from '../../src/sandbox/profile.ts'
import { answered, judged, now, send } from '../support/build.ts'

// What the sandbox stores and what reconciliation expects are two readings of one contract; here they meet.

const date = fc
  .date({ min: new Date('1000-01-01'), max: new Date('2024-01-01'), noInvalidDate: true })
  .chain(at => {
    const iso = at.toISOString()
    return fc.constantFrom(iso, iso.slice(0, 10), iso.slice(0, 19), `${iso.slice(0, 23)}+01:00`)
  })
const text = fc.oneof(fc.string({ maxLength: 30 }), fc.string({ unit: 'binary', maxLength: 30 }), date)
const scalar = fc.oneof(text, fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean())
const list = fc.array(scalar, { maxLength: 8 })
const object = fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), fc.oneof(scalar, list), { maxKeys: 4 })
const operation = fc.oneof(
  fc.record({ inc: fc.integer({ min: -9, max: 9 }) }),
  fc.record({ add: list, remove: list }, { requiredKeys: ['add'] }),
  fc.record({ remove: list }),
  // These look like operations and are objects to keep.
  fc.record({ add: list, x: scalar }),
  fc.record({ inc: fc.constant('1') }),
  fc.record({ add: scalar, remove: list }),
)
const value: fc.Arbitrary<Json> = fc.oneof(scalar, list, object, fc.constant(null), operation)
const name = fc.oneof(
  fc.constantFrom('plan', 'age', 'tags', 'first_name', '__proto__', 'constructor', 'add', 'name'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 9 }),
)
const custom = name.filter(key => !['external_id', 'user_alias', 'braze_id', 'email', 'phone'].includes(key))

/** `fc.dictionary` cannot hold `__proto__`, and a file can. */
const attributes = fc
  .tuple(fc.array(fc.tuple(custom, value), { maxLength: 6 }), fc.boolean())
  .map(([entries, merge]): JsonObject => {
    const own = Object.fromEntries(entries.filter(([key]) => !key.startsWith('_') || key === '__proto__'))
    return { external_id: 'u1', ...own, ...(merge ? { _merge_objects: true } : {}) }
  })
const occurrence = { name: fc.constantFrom('a', 'b', ' ', 'é'), time: date }
const event = fc.record(occurrence).map((body): JsonObject => ({ email: 'a@b.c', ...body }))
const purchase = fc
  .record({
    ...occurrence,
    price: fc.double({ min: -99, max: 99, noNaN: true }),
    quantity: fc.integer({ min: 1, max: 100 }),
  })
  .map(({ name: product_id, ...body }): JsonObject => {
    return { phone: '+1555', product_id, currency: 'EUR', ...body }
  })

/** Everything that is not as asked, when these objects go to a sandbox one after the other. */
function differences(kind: Kind, bodies: JsonObject[]): string[] {
  const profiles = new Profiles()
  const memory = new Memory()
  return bodies.flatMap(body => {
    const { status, body: reply } = send(profiles, kind, body)
    const judgement = reconcile({ kind, user: userKeyOf(body), body }, answered(status, reply), now, memory)
    const values = valuesOf(kind, body)
    expect(judgement.reasons).toHaveLength(values.length)
    return judgement.reasons.flatMap((reason, i) =>
      meaning[reason].counts === 'differ' ? [`${reason}: ${JSON.stringify(values[i])}`] : [],
    )
  })
}

test.each<[Kind, fc.Arbitrary<JsonObject>]>([
  ['attributes', attributes],
  ['events', event],
  ['purchases', purchase],
])('%s that break no limit come back from the sandbox without a difference', (kind, body) => {
  fc.assert(
    fc.property(fc.array(body, { minLength: 1, maxLength: 4 }), bodies => {
      expect(differences(kind, bodies)).toEqual([])
    }),
    { numRuns: 400 },
  )
})

/** One value, changed in one place so that it is another value. */
function mutations(held: Json): Json[] {
  if (typeof held === 'string') return [`${held}.`, held.slice(1), `x${held}`, null, 7]
  if (typeof held === 'number') return [held + Math.max(1, Math.abs(held) / 1000), -held, String(held), null]
  if (typeof held === 'boolean') return [!held, String(held), Number(held), null]
  if (Array.isArray(held)) {
    const inner = held.flatMap((item, i) => mutations(item).map(other => held.with(i, other)))
    return [...inner, held.slice(1), [...held, 'one more'], null]
  }
  if (!isJsonObject(held)) return ['was null']
  const keys = Object.keys(held)
  const inner = keys.flatMap(key => mutations(held[key] ?? null).map(other => ({ ...held, [key]: other })))
  const fewer = keys.map(key => Object.fromEntries(Object.entries(held).filter(([other]) => other !== key)))
  return [...inner, ...fewer, { ...held, 'one more': 1 }, null]
}

test('any single change of an echoed value is found', () => {
  const plain = fc.oneof(
    fc.string({ maxLength: 20 }),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ min: -1e12, max: 1e12, noNaN: true }),
    fc.boolean(),
    fc.uniqueArray(fc.string({ maxLength: 5 }), { maxLength: 5 }),
    fc.dictionary(fc.stringMatching(/^[b-z]{1,3}$/), fc.oneof(fc.string({ maxLength: 5 }), fc.integer()), {
      maxKeys: 4,
    }),
  )
  fc.assert(
    fc.property(plain, fc.nat(), (sent, which) => {
      const others = mutations(sent).filter(other => !sameJson(sent, other))
      const changed = others[which % others.length] ?? null
      const reply = { users: [{ external_id: 'u', custom_attributes: { a: changed, b: 1 } }] }
      const { outcome, reasons } = judged('attributes', { external_id: 'u', a: sent, b: 1 }, reply)
      // A value of another type may have a reason; it is a difference all the same.
      expect(reasons[0], JSON.stringify({ sent, changed })).toMatch(
        typeof sent === typeof changed ? /^unexplained$/ : /^(unexplained|coerced_\w+|type_rejected)$/,
      )
      expect(reasons[1]).toBe('exact')
      expect(outcome).toBe('mismatched')
    }),
    { numRuns: 1000 },
  )
})

test.each(['events', 'purchases'] as const)('any change of what an answer says of %s is found', kind => {
  const day = fc.integer({ min: 1, max: 27 })
  fc.assert(
    fc.property(
      day,
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 50 }),
      fc.nat(4),
      (d, adds, before, which) => {
        const at = (dayOfMonth: number) => `2024-01-${String(dayOfMonth).padStart(2, '0')}T00:00:00.000Z`
        const nameField = kind === 'events' ? 'name' : 'product_id'
        const body: JsonObject = {
          external_id: 'u',
          [nameField]: 'a',
          time: at(d),
          ...(kind === 'purchases' ? { quantity: adds } : {}),
        }
        const held = (count: number) => ({ [nameField]: 'a', first: at(d), last: at(d), count })
        const memory = new Memory()
        const echoed = kind === 'events' ? 'custom_events' : 'purchase_events'
        const reply = (item: JsonObject) => ({ users: [{ external_id: 'u', [echoed]: [item] }] })
        judged(kind, body, reply(held(before)), memory)
        const right = held(before + (kind === 'purchases' ? adds : 1))
        const changes: JsonObject[] = [
          { ...right, count: right.count + 1 },
          { ...right, count: right.count - 1 },
          // A last moment behind this one is another occurrence, and no change of this one.
          { ...right, last: '2023-12-31T00:00:00.000Z' },
          { ...right, first: '2024-01-30T00:00:00.000Z', last: '2024-01-31T00:00:00.000Z' },
          { ...right, [nameField]: 'b' },
        ]
        expect(judged(kind, body, reply(changes[which] ?? {}), memory).outcome).toBe('mismatched')
      },
    ),
  )
})
