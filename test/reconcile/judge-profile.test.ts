import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/model/json.ts'
import { outcomeOf, type ReasonCode, reasons } from '../../src/model/verdict.ts'
import type { ProfileView } from '../../src/reconcile/judge-profile.ts'
import { atSettle, combine, isFinal } from '../../src/reconcile/settle.ts'
import { formatMoment } from '../../src/braze/moments.ts'
import { now } from '../support/build.ts'
import { long, look, stored, time } from './scenes.ts'

const codes = Object.keys(reasons) as ReasonCode[]
const attributes = (body: JsonObject, profile: JsonObject, more: Partial<ProfileView> = {}) =>
  look('attributes', body, profile, more).reasons

describe('attributes against a profile', () => {
  test('custom attributes are judged as those of a response', () => {
    const custom_attributes = { plan: 'gold', tags: ['a', 'b'], since: '2022-12-06T00:00:00.000Z', n: 3 }
    const body = { plan: 'gold', tags: { add: ['b'] }, since: '2022-12-06', n: '3', gone: null, late: 1 }
    expect(attributes(body, { custom_attributes })).toEqual([
      'exact',
      'array_added',
      'date_utc_assumed',
      'coerced_number',
      'null_removed',
      'key_missing',
    ])
  })

  test('names of the language, and names in any script, are names like any other', () => {
    const body = JSON.parse('{"__proto__":1,"constructor":2,"プラン":"金","año":5}') as JsonObject
    const profile = { custom_attributes: JSON.parse('{"__proto__":1,"プラン":"金","año":6}') as JsonObject }
    expect(attributes(body, profile)).toEqual(['exact', 'key_missing', 'exact', 'unexplained'])
  })

  test('a standard field is the one of the profile, and not a custom attribute of its name', () => {
    const profile = { first_name: 'Ana', custom_attributes: { first_name: 'Ada' } }
    expect(attributes({ first_name: 'Ada' }, profile)).toEqual(['unexplained'])
    expect(attributes({ first_name: 'Ana', First_name: 'Ana' }, profile)).toEqual(['exact', 'key_missing'])
  })

  test('a field that is to be removed is removed where the profile has none', () => {
    expect(attributes({ first_name: null, dob: null }, { first_name: '', dob: '1990-12-31' })).toEqual([
      'null_removed',
      'unexplained',
    ])
  })

  test('long text of a standard field is the reason only where it is too long', () => {
    expect(attributes({ home_city: long }, { home_city: 'Lima' })).toEqual(['string_too_long'])
    expect(attributes({ home_city: long }, { home_city: long.slice(1) })).toEqual(['string_truncated'])
    expect(attributes({ home_city: long.slice(1) }, { home_city: 'Lima' })).toEqual(['unexplained'])
  })

  test('names that are never stored are the reason only where the profile has none', () => {
    expect(attributes({ bio: 'tea' }, {})).toEqual(['standard_value_dropped'])
    expect(attributes({ bio: 'tea' }, { custom_attributes: { bio: 'tea' } })).toEqual(['exact'])
  })

  test('false and empty custom attributes may be left out of an export, others may not', () => {
    expect(attributes({ a: false, b: '', c: [], d: {}, e: 0, f: 'x' }, {})).toEqual([
      'empty_as_absent',
      'empty_as_absent',
      'empty_as_absent',
      'empty_as_absent',
      'key_missing',
      'key_missing',
    ])
  })

  test('an increment is confirmed by what all rows added', () => {
    const profile = { custom_attributes: { n: 10 } }
    const seen = (before: number | undefined, adds: number, more: Partial<ProfileView> = {}) =>
      attributes({ n: { inc: 2 } }, profile, { expected: () => ({ before, adds }), ...more })[0]
    expect(seen(5, 5)).toBe('inc_confirmed')
    expect(seen(8, 2)).toBe('inc_confirmed')
    expect(seen(8, 3)).toBe('unexplained')
    expect(seen(undefined, 2)).toBe('inc_baseline_unknown')
    expect(seen(7, 2, { repeated: true })).toBe('possible_duplicate')
  })

  test('what a later row wrote is no difference of this one', () => {
    const profile = { first_name: 'Ana', custom_attributes: { plan: 'silver', n: 5, long: 'x' } }
    const body = { first_name: 'Ada', plan: 'gold', n: 5, long, facebook: {}, gone: 1 }
    const view = { isOverwritten: (field: string) => field !== 'gone' }
    expect(attributes(body, profile, view)).toEqual([
      'overwritten',
      'overwritten',
      'exact',
      'overwritten',
      'not_exported',
      'key_missing',
    ])
  })

  test('of what was seen, numbers are told, and which names are listed', () => {
    const { sightings } = look(
      'attributes',
      { n: 1, s: 'x', gone: 1 },
      { custom_attributes: { n: 4, s: 'y' } },
    )
    expect(sightings).toEqual([
      { name: 'n', number: 4, isListed: true },
      { name: 's', number: null, isListed: true },
      { name: 'gone', number: null, isListed: false },
    ])
  })
})

describe('events and purchases against a profile', () => {
  const day = (d: number) => `2024-01-${String(d).padStart(2, '0')}T00:00:00.000Z`
  const listed = (shown: JsonObject) => ({
    custom_events: [{ name: 'n', first: day(3), last: day(9), count: 4, ...shown }],
  })
  const event = (at: string, shown: JsonObject, more: Partial<ProfileView> = {}) =>
    look('events', { name: 'n', time: at }, listed(shown), more).reasons
  const expecting = (before: number | undefined, adds: number) => ({ expected: () => ({ before, adds }) })

  test('with an earlier count, the count has risen by what the rows add', () => {
    expect(event(day(5), {}, expecting(1, 3))).toEqual(['event_counted', 'later_event_exists'])
    expect(event(day(5), {}, expecting(2, 3))).toEqual(['count_short', 'later_event_exists'])
    expect(event(day(5), {}, expecting(0, 3))).toEqual(['count_unexpected', 'later_event_exists'])
    expect(event(day(5), {}, { ...expecting(0, 3), repeated: true })[0]).toBe('possible_duplicate')
    expect(event(day(5), {}, { ...expecting(2, 3), repeated: true })[0]).toBe('count_short')
  })

  test('without one, the profile lists it at least as often as it was sent, and at its time', () => {
    expect(event(day(5), {}, expecting(undefined, 4))[0]).toBe('occurrence_listed')
    expect(event(day(5), {}, expecting(undefined, 5))[0]).toBe('count_short')
    expect(event(day(2), {})).toEqual(['unexplained', 'unexplained'])
    expect(event(day(10), {})).toEqual(['unexplained', 'unexplained'])
  })

  test('the time is the first, the last, or between them', () => {
    expect(event(day(9), {})[1]).toBe('exact')
    expect(event(day(3), {})[1]).toBe('exact')
    expect(event('2024-01-03T01:00:00+01:00', {})[1]).toBe('date_same_instant')
    expect(event('2024-01-03', {})[1]).toBe('date_utc_assumed')
    expect(event(day(4), {})[1]).toBe('later_event_exists')
    expect(event(day(4), { first: '2024-01-003' })[1]).toBe('later_event_exists')
    expect(event(day(10), { last: '2024-01-009' })).toEqual(['occurrence_listed', 'date_unreadable'])
  })

  test('a row that was lost has neither count nor time', () => {
    expect(look('events', { name: 'n', time: day(5) }, {}).reasons).toEqual(['count_short', 'count_short'])
    expect(event(day(10), {}, expecting(4, 1))).toEqual(['count_short', 'count_short'])
    expect(outcomeOf(event(day(10), {}, expecting(4, 1)).map(atSettle))).toBe('mismatched')
    expect(look('events', { name: 'n', time: day(5) }, {}).sightings).toEqual([
      { name: 'n', number: 0, isListed: false },
    ])
  })

  test('a time in the future is the time of sending, however much later the look is', () => {
    const asked = formatMoment(now + 3_600_000)
    const muchLater = { at: now + 86_400_000, ...expecting(0, 4) }
    const clamped = { last: formatMoment(now + 200) }
    expect(event(asked, clamped, expecting(0, 4))[1]).toBe('future_clamped')
    expect(event(asked, clamped, { ...muchLater, sentAt: now })[1]).toBe('future_clamped')
    expect(event(asked, clamped, muchLater)[1]).toBe('unexplained')
    expect(event(asked, clamped, { ...muchLater, sentAt: now + 4_000_000 })[1]).toBe('unexplained')
    expect(event(asked, { last: day(9) }, { ...muchLater, sentAt: now })[1]).toBe('unexplained')
  })

  test('no export shows the rest of them', () => {
    const body = { name: 'n', time: day(9), app_id: 'a', properties: { x: 1, y: 2 } }
    expect(look('events', body, listed({})).reasons.slice(2)).toEqual(Array(3).fill('not_exported'))
    const bought = { product_id: '水', time, price: 1, currency: 'EUR', quantity: 3 }
    const purchases = [{ name: '水', first: stored, last: stored, count: 3 }]
    expect(look('purchases', bought, { purchases }).reasons).toEqual([
      'occurrence_listed',
      'date_same_instant',
      'not_exported',
      'not_exported',
      'not_exported',
    ])
  })
})

describe('who the profile is', () => {
  const body = { first_name: 'Ada', plan: 'gold' }

  test('where there is none, no value is stored', () => {
    const { reasons: judged, user, message } = look('attributes', body, null)
    expect(judged).toEqual(['user_not_found', 'user_not_found'])
    expect({ user, message }).toEqual({ user: null, message: 'no profile has this identifier' })
  })

  test('where there are several, none is judged', () => {
    const { reasons: judged, message } = look('attributes', body, null, {}, { isAmbiguous: true })
    expect(judged).toEqual(['other_profile', 'other_profile'])
    expect(message).toContain('several profiles')
  })

  test('one that was renamed is judged, and said to be', () => {
    const shown = { first_name: 'Ada', custom_attributes: { plan: 'gold' } }
    const { reasons: judged, user, message } = look('attributes', body, shown, {}, { isRenamed: true })
    expect(judged).toEqual(['exact', 'exact'])
    expect(user).toEqual(shown)
    expect(message).toBe('the profile has another identifier now')
  })
})

describe('the end of waiting', () => {
  test('as asked, not to be shown, or explained by a limit of the request: nothing more will come', () => {
    const final = codes.filter(isFinal)
    expect(final.filter(code => reasons[code].verdict === 'unknown')).toEqual([])
    expect(final).toEqual(expect.arrayContaining(['exact', 'event_counted', 'not_exported', 'overwritten']))
    expect(final).toEqual(expect.arrayContaining(['string_too_long', 'inc_baseline_unknown', 'null_removed']))
    const open: ReasonCode[] = ['unexplained', 'key_missing', 'count_short', 'user_not_found', 'answer_lost']
    expect(final.filter(code => open.includes(code))).toEqual([])
    expect(isFinal('empty_as_absent')).toBe(false)
    expect(isFinal('coerced_number')).toBe(false)
  })

  test('what is open then stays open, everything else is what it was', () => {
    const changed = codes.filter(code => atSettle(code) !== code)
    expect(changed).toEqual(
      expect.arrayContaining(['unexplained', 'key_missing', 'extra_key', 'user_not_found']),
    )
    expect(changed).toHaveLength(4)
    for (const code of codes.filter(isFinal)) expect(atSettle(code)).toBe(code)
  })
})

describe('a response and a look together', () => {
  test('what the response did not show is judged by the profile, and what it showed stays', () => {
    const answer: ReasonCode[] = ['exact', 'standard_field_not_echoed', 'unexplained', 'string_too_long']
    const profile: ReasonCode[] = ['unexplained', 'email_form', 'exact', 'unexplained']
    expect(combine(answer, profile)).toEqual(['exact', 'email_form', 'unexplained', 'string_too_long'])
    expect(
      combine(
        ['count_baseline_unknown', 'exact', 'details_not_echoed'],
        ['occurrence_listed', 'later_event_exists', 'not_exported'],
      ),
    ).toEqual(['occurrence_listed', 'exact', 'not_exported'])
  })

  test('a look may know of an earlier number, or of a time, that the response did not', () => {
    expect(combine(['inc_baseline_unknown'], ['inc_confirmed'])).toEqual(['inc_confirmed'])
    expect(combine(['date_unreadable'], ['later_event_exists'])).toEqual(['later_event_exists'])
  })

  test('nothing is left of a response that was lost or could not be read', () => {
    for (const code of ['answer_lost', 'reply_malformed', 'queued_202'] as const)
      for (const seen of codes) expect(combine([code], [seen])).toEqual([seen])
  })

  test('a doubt of the response is only cleared up by a value as requested', () => {
    for (const doubt of ['maybe_blocklisted', 'concurrent_write'] as const) {
      expect(combine([doubt], ['exact'])).toEqual(['exact'])
      expect(combine([doubt], ['key_missing'])).toEqual([doubt])
    }
  })

  test('a match and a difference that the response showed never change', () => {
    const shown = codes.filter(
      code => reasons[code].verdict !== 'unverifiable' && reasons[code].verdict !== 'unknown',
    )
    const kept = shown.filter(code => code !== 'maybe_blocklisted')
    for (const code of kept) for (const seen of codes) expect(combine([code], [seen])).toEqual([code])
  })
})
