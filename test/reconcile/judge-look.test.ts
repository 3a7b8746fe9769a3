import { describe, expect, test } from 'vitest'
import { now } from '../support/build.ts'
import { audited } from './scenes.ts'

const nobody = { seen: { profile: null, at: now } }
const all = new Set(['external_id', 'custom_attributes', 'email'])

describe('rows that were not sent', () => {
  test('whose user does not exist differ, even if they ask for nothing else', () => {
    expect(audited({ plan: 'gold' }, nobody)).toMatchObject({
      outcome: 'mismatched',
      reasons: ['user_not_found'],
      message: 'no profile has this identifier',
    })
    expect(audited({}, nobody)).toMatchObject({ outcome: 'mismatched', reasons: [] })
    expect(audited({}, { seen: { profile: {}, at: now } })).toMatchObject({ outcome: 'unverifiable' })
  })

  test('whose profile could not be read are unknown, value by value, and say why', () => {
    const failed = { unseen: { why: 'failed' as const, message: 'rest.test responded with 500.' } }
    expect(audited({ plan: 'gold', email: 'a@b.c' }, failed)).toEqual({
      outcome: 'unknown',
      reasons: ['lookup_failed', 'lookup_failed'],
      user: null,
      message: 'rest.test responded with 500.',
    })
  })
})

describe('with an export on disk', () => {
  test('a field that no user has says nothing, and nothing is returned of it', () => {
    const seen = { seen: { profile: { external_id: 'u1', custom_attributes: { plan: 'gold' } }, at: now } }
    const body = { plan: 'gold', age: 5, first_name: 'Ada', subscription_groups: [] }
    expect(audited(body, seen, { fields: all })).toMatchObject({
      outcome: 'mismatched',
      reasons: ['exact', 'key_missing', 'not_in_export', 'not_exported'],
      user: { custom_attributes: { plan: 'gold', age: null } },
    })
    const few = audited(body, seen, { fields: new Set(['external_id']) })
    expect(few.reasons).toEqual(['not_in_export', 'not_in_export', 'not_in_export', 'not_exported'])
    expect(few).toMatchObject({ outcome: 'unverifiable', user: {} })
  })

  test('a user who is not in it is not found, unless no user has such an identifier', () => {
    expect(audited({ plan: 'gold' }, nobody, { fields: all })).toMatchObject({
      outcome: 'mismatched',
      message: 'no user of the export has this identifier',
    })
    const withoutIds = { fields: new Set(['braze_id']) }
    expect(audited({ plan: 'gold' }, nobody, withoutIds)).toMatchObject({
      outcome: 'unverifiable',
      reasons: ['not_in_export'],
      message: 'no user of the export has an external_id',
    })
    expect(audited({}, nobody, withoutIds).outcome).toBe('unverifiable')
    // A response that found nobody has no user with anything.
    expect(audited({ plan: 'gold' }, nobody, { users: 0 }).reasons).toEqual(['user_not_found'])
  })

  test('records that cannot be used may be those of a user who is not found', () => {
    expect(audited({ plan: 'x' }, nobody, { fields: all, unusable: 1 }).message).toBe(
      'no user of the export has this identifier; one record cannot be used, and the user may be in it',
    )
    expect(audited({ plan: 'x' }, nobody, { fields: all, unusable: 3 }).message).toMatch(
      '; 3 records cannot be used, and the user may be in one of them',
    )
  })

  test('several profiles with one identifier are no missing user', () => {
    const several = { seen: { profile: null, isAmbiguous: true as const, at: now } }
    expect(audited({ plan: 'x' }, several, { fields: all }).reasons).toEqual(['other_profile'])
  })
})
