import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Kind } from '../../src/model/kind.ts'
import { userKeyOf } from '../../src/braze/identifiers.ts'
import type { JsonObject } from '../../src/model/json.ts'
import type { Readings } from '../../src/braze/assumptions.ts'
import { valuesOf } from '../../src/braze/values.ts'
import { isReasonCode, reasons as meaning } from '../../src/model/verdict.ts'
import { Memory, reconcile } from '../../src/reconcile/reconcile.ts'
import { respond } from '../../src/sandbox/respond.ts'
import { Profiles } from '../../src/sandbox/profile.ts'
import { notAsAsked } from '../../src/forecast/not-as-asked.ts'
import { attributes, event, purchase, someReadings } from '../support/any-object.ts'
import { answered, now, trackObject } from '../support/build.ts'

// Objects that break limits as often as they keep them. Whatever they ask for, the receipt knows why it came out so.

/** The reasons of each object, sent one after the other to a sandbox that takes the same readings. */
function reasonsOf(kind: Kind, bodies: JsonObject[], readings: Readings) {
  const profiles = new Profiles()
  const memory = new Memory()
  return bodies.map(body => {
    const request = {
      method: 'POST',
      path: '/users/track/sync',
      headers: { authorization: 'Bearer k' },
      body: JSON.stringify({ [kind]: [body] }),
    }
    const { response: reply, written } = respond(request, profiles, now, { readings })
    if (written !== null) profiles.save(written)
    const { reasons } = reconcile(
      { kind, user: userKeyOf(body), body },
      answered(reply.status, reply.body),
      now,
      memory,
      readings,
    )
    return valuesOf(kind, body).map(({ field, requested }, i) => ({
      field,
      requested,
      reason: reasons[i] ?? 'unexplained',
    }))
  })
}

describe('any object, stored and echoed by the sandbox', () => {
  test.each<[Kind, fc.Arbitrary<JsonObject>]>([
    ['attributes', attributes],
    ['events', event],
    ['purchases', purchase],
  ])('%s are never unexplained', (kind, body) => {
    const property = fc.property(
      fc.array(body, { minLength: 1, maxLength: 4 }),
      someReadings,
      (bodies, readings) => {
        const all = reasonsOf(kind, bodies, readings).flat()
        expect(all.filter(({ reason }) => reason === 'unexplained' || reason === 'count_unexpected')).toEqual(
          [],
        )
      },
    )
    fc.assert(property, { numRuns: 600 })
  })

  test('of attributes that a new user is to get, the plan foresees exactly those that differ', () => {
    const fresh = attributes.map(({ _update_existing_only, ...body }) => body)
    const property = fc.property(fresh, someReadings, (body, chosen) => {
      const readings: Readings = { ...chosen, nestedInvalid: 'attribute_only' }
      const foreseen = notAsAsked(trackObject('attributes', body), readings, now)
        .filter(({ reason }) => isReasonCode(reason))
        .map(({ field, reason }) => `${field} ${reason}`)
      const differing = reasonsOf('attributes', [body], readings)
        .flat()
        .filter(({ reason }) => meaning[reason].counts === 'differ' && reason !== 'item_not_found')
        .map(({ field, reason }) => `${field} ${reason}`)
      expect(new Set(foreseen)).toEqual(new Set(differing))
    })
    fc.assert(property, { numRuns: 600 })
  })
})
