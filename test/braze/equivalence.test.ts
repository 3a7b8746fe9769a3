import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { equivalences, isDropped } from '../../src/braze/equivalence.ts'
import { exportFieldOf } from '../../src/braze/export-fields.ts'
import { namesCountry } from '../../src/braze/countries.ts'
import { isSameTimeZone } from '../../src/braze/time-zones.ts'
import type { Json } from '../../src/model/json.ts'

const isSame = (field: string, requested: Json, held: Json) =>
  equivalences.get(field)?.isSame(requested, held) ?? false

const madrid = { longitude: -3.703_79, latitude: 40.416_775 }

describe('another form of the same value', () => {
  test.each<[string, Json, Json]>([
    ['email', 'Ana@X.org', 'ana@x.org'],
    ['email', ' ana@x.org ', 'ana@x.org'],
    ['phone', '+34 (600) 11-12-13', '+34600111213'],
    ['phone', '+34600111213', '34600111213'],
    ['phone', '415 555 2671', '+14155552671'],
    ['country', 'us', 'US'],
    ['country', 'UK', 'GB'],
    ['country', 'Spain', 'ES'],
    ['country', 'España', 'ES'],
    ['country', 'MEXICO', 'MX'],
    ['country', 'méxico', 'MX'],
    ['country', '日本', 'JP'],
    ['language', 'ES', 'es'],
    ['language', 'es-MX', 'es'],
    ['language', 'pt_BR', 'pt'],
    ['language', 'zh_hans', 'zh-Hans'],
    ['gender', 'f', 'F'],
    ['gender', 'Male', 'M'],
    ['gender', 'PREFER_NOT_TO_SAY', 'P'],
    ['dob', '12/31/1990', '1990-12-31'],
    ['dob', '1990-12-31', '1990-12-31T00:00:00.000Z'],
    ['time_zone', 'europe/madrid', 'Europe/Madrid'],
    ['time_zone', 'Madrid', 'Europe/Madrid'],
    ['time_zone', 'America/Mexico_City', 'Mexico City'],
    ['time_zone', 'Eastern Time (US & Canada)', 'America/New_York'],
    ['time_zone', 'Asia/Calcutta', 'Asia/Kolkata'],
    ['time_zone', 'Mumbai', 'Asia/Calcutta'],
    ['current_location', madrid, { longitude: -3.7038, latitude: 40.4168 }],
    ['current_location', { longitude: '-3.70379', latitude: '40.416775' }, madrid],
    ['push_tokens', [{ app_id: 'a', token: 't' }], [{ app: 'iOS', platform: 'ios', token: 't' }]],
  ])('%s: %j is held as %j', (field, requested, held) => {
    expect(isSame(field, requested, held)).toBe(true)
  })

  test.each<[string, Json, Json]>([
    ['email', 'ana@x.org', 'ana@x.com'],
    ['email', 'a.na@x.org', 'ana@x.org'],
    ['phone', '+34600111213', '+34600111214'],
    // A `+` says that the country code is there.
    ['phone', '+4155552671', '+14155552671'],
    ['phone', '600111213', '+34600111213'],
    ['phone', '0034600111213', '+34600111213'],
    ['country', 'ES', 'PT'],
    ['country', 'Georgia', 'US'],
    ['country', 'Atlantis', 'ES'],
    ['country', 'España', 'ESP'],
    ['language', 'es', 'en'],
    ['language', 'es', 'est'],
    ['language', 'es', 'es-MX'],
    ['gender', 'F', 'M'],
    ['gender', 'mother', 'M'],
    ['dob', '1990-12-31', '1991-12-31'],
    ['dob', '1990-12-31', '1990-12-31T23:00:00.000Z'],
    ['dob', 'soon', 'soon!'],
    ['time_zone', 'Europe/Madrid', 'Europe/Paris'],
    ['time_zone', 'Paris', 'Europe/Madrid'],
    ['time_zone', 'Madrid', 'madrid!'],
    ['current_location', madrid, { longitude: -3.703_79, latitude: 40.4169 }],
    ['current_location', madrid, { longitude: 40.416_775, latitude: -3.703_79 }],
    ['current_location', madrid, null],
    ['current_location', { longitude: '', latitude: '' }, { longitude: 0, latitude: 0 }],
    ['push_tokens', [{ app_id: 'a', token: 't' }], [{ app: 'iOS', token: 'u' }]],
    ['push_tokens', [{ app_id: 'a', token: 't' }], null],
    ['email', 'a@b.c', 7],
    ['first_name', 'ana', 'Ana'],
    ['email_subscribe', 'Subscribed', 'subscribed'],
  ])('%s: %j is not %j', (field, requested, held) => {
    expect(isSame(field, requested, held)).toBe(false)
  })

  test('every field of the table is one that an export shows', () => {
    for (const field of equivalences.keys()) expect(exportFieldOf(field), field).toBeDefined()
  })

  test('every time zone is its own and no other', () => {
    const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'))
    fc.assert(
      fc.property(zones, zones, (a, b) => {
        expect(isSameTimeZone(a, b)).toBe(a === b)
        expect(isSameTimeZone(a.toUpperCase(), a)).toBe(true)
      }),
    )
  })

  test('a country is named by no other code', () => {
    const codes = ['ES', 'MX', 'BR', 'JP', 'US', 'GB', 'DE', 'GE', 'CD', 'CG']
    const names = new Intl.DisplayNames('pt', { type: 'region' })
    for (const a of codes)
      for (const b of codes) expect(namesCountry(names.of(a) ?? '', b), `${a} ${b}`).toBe(a === b)
  })
})

describe('a value that the API does not store', () => {
  test.each<[string, Json, Json]>([
    ['country', 'Atlantis', null],
    ['time_zone', 'Europe/Atlantis', null],
    ['time_zone', 'GMT+25', 'Europe/Madrid'],
    ['bio', 'I like tea', null],
  ])('%s: of %j, the profile has %j', (field, requested, held) => {
    expect(isDropped(field, requested, held)).toBe(true)
  })

  test.each<[string, Json, Json]>([
    ['country', 'ES', null],
    ['country', 'Atlantis', 'FR'],
    ['time_zone', 'Europe/Madrid', 'Europe/Paris'],
    ['bio', 'I like tea', 'I like tea'],
    ['plan', 'gold', null],
    ['language', 'xx', null],
  ])('not %s: of %j, the profile has %j', (field, requested, held) => {
    expect(isDropped(field, requested, held)).toBe(false)
  })
})
