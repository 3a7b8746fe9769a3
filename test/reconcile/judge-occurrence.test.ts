import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../../src/model/json.ts'
import { formatMoment } from '../../src/braze/moments.ts'
import { Memory } from '../../src/reconcile/reconcile.ts'
import { judged, now } from '../support/build.ts'

const user = 'u1'
const time = '2022-12-06T19:20:45+01:00'
const stored = '2022-12-06T18:20:45.000Z'

/** The reasons for name and time of an event, where the profile shows this of it. */
function eventReasons(shown: JsonObject, memory = new Memory(), sent: JsonObject = {}) {
  const event = { name: 'n', first: stored, last: stored, count: 1, ...shown }
  const reply = { users: [{ external_id: user, custom_events: [event] }], message: 'success' }
  return judged('events', { external_id: user, name: 'n', time, ...sent }, reply, memory).reasons
}

/** The reasons for product, time and, where it was sent, quantity of a purchase. */
function purchaseReasons(count: number, memory: Memory, quantity?: Json) {
  const body = { external_id: user, product_id: 'p', time, ...(quantity === undefined ? {} : { quantity }) }
  const bought = { product_id: 'p', first: stored, last: stored, count }
  return judged('purchases', body, { users: [{ external_id: user, purchase_events: [bought] }] }, memory)
    .reasons
}

describe('the count', () => {
  test('says nothing at first sight', () => {
    expect(eventReasons({ count: 1 })[0]).toBe('count_baseline_unknown')
  })

  test('confirms an event that raises it by one', () => {
    const memory = new Memory()
    eventReasons({ count: 10 }, memory)
    expect(eventReasons({ count: 11 }, memory)[0]).toBe('event_counted')
    expect(eventReasons({ count: 12 }, memory)[0]).toBe('event_counted')
  })

  test.each([10, 12, 9, 1])('is unexpected where it goes from 10 to %s', count => {
    const memory = new Memory()
    eventReasons({ count: 10 }, memory)
    expect(eventReasons({ count }, memory)[0]).toBe('count_unexpected')
  })

  test('goes on from where it is after a jump', () => {
    const memory = new Memory()
    eventReasons({ count: 10 }, memory)
    eventReasons({ count: 15 }, memory)
    expect(eventReasons({ count: 16 }, memory)[0]).toBe('event_counted')
  })

  test('of a purchase rises by its quantity', () => {
    const memory = new Memory()
    purchaseReasons(3, memory)
    expect(purchaseReasons(8, memory, 5)).toEqual([
      'event_counted',
      'date_same_instant',
      'details_not_echoed',
    ])
    expect(purchaseReasons(9, memory)[0]).toBe('event_counted')
    expect(purchaseReasons(10, memory, 2)[0]).toBe('count_unexpected')
  })

  test('is kept apart by user, by name and by kind', () => {
    const memory = new Memory()
    eventReasons({ count: 10 }, memory)
    const other = { name: 'p', time, external_id: user }
    const event = { name: 'p', first: stored, last: stored, count: 7 }
    judged('events', other, { users: [{ external_id: user, custom_events: [event] }] }, memory)
    expect(purchaseReasons(99, memory)[0]).toBe('count_baseline_unknown')
    const elsewhere = { users: [{ external_id: 'u2', custom_events: [{ ...event, name: 'n' }] }] }
    const judgement = judged('events', { external_id: 'u2', name: 'n', time }, elsewhere, memory)
    expect(judgement.reasons[0]).toBe('count_baseline_unknown')
    expect(eventReasons({ count: 11 }, memory)[0]).toBe('event_counted')
  })

  test('is forgotten where an answer does not list the name', () => {
    const memory = new Memory()
    eventReasons({ count: 10 }, memory)
    const nothing = { users: [{ external_id: user, custom_events: [] }] }
    expect(judged('events', { external_id: user, name: 'n', time }, nothing, memory).reasons[0]).toBe(
      'key_missing',
    )
    expect(eventReasons({ count: 12 }, memory)[0]).toBe('count_baseline_unknown')
  })
})

describe('the time', () => {
  const second = (ms: number) => formatMoment(now + ms)
  test.each<[string, string, JsonObject, string]>([
    ['is the same text', stored, {}, 'exact'],
    ['is the same moment in another offset', time, {}, 'date_same_instant'],
    ['was sent without an offset and taken as UTC', '2022-12-06 18:20:45', {}, 'date_utc_assumed'],
    [
      'lies before the last one',
      time,
      { first: '2022-01-01T00:00:00Z', last: '2023-01-01T00:00:00Z' },
      'later_event_exists',
    ],
    ['is the first of all', time, { last: '2023-01-01T00:00:00Z' }, 'later_event_exists'],
    [
      'lies before a first that is no date',
      time,
      { first: '2022-01-001T00:00:00.000Z', last: '2023-01-01T00:00:00Z' },
      'later_event_exists',
    ],
    [
      'lies before the first, so it is nowhere',
      time,
      { first: '2022-12-07', last: '2023-01-01T00:00:00Z' },
      'unexplained',
    ],
    ['lies after the last, so it is nowhere', time, { last: '2022-12-06T18:20:44Z' }, 'unexplained'],
    ['lay in the future and became now', second(3_600_000), { last: second(-2000) }, 'future_clamped'],
    ['lay in the future and is still not there', second(3_600_000), { last: stored }, 'unexplained'],
    [
      'lay in the past and became now',
      second(-3_600_000),
      { first: second(-1000), last: second(-1000) },
      'unexplained',
    ],
    [
      'lay a second ago, and what is stored is a second older',
      second(-1000),
      { last: second(-2000) },
      'unexplained',
    ],
    ['meets a last that is no date', time, { last: '2022-12-006T18:20:45.000Z' }, 'date_unreadable'],
  ])('%s', (_, sent, shown, reason) => {
    expect(eventReasons(shown, new Memory(), { time: sent })[1]).toBe(reason)
  })
})

test('what no answer ever shows is never claimed', () => {
  const sent = { app_id: 'x', properties: { size: 1, colour: 'red' } }
  expect(eventReasons({}, new Memory(), sent)).toEqual([
    'count_baseline_unknown',
    'date_same_instant',
    'details_not_echoed',
    'details_not_echoed',
    'details_not_echoed',
  ])
})

test('an event the answer does not list is missing, and the row is mismatched', () => {
  const reply = { users: [{ external_id: user, custom_events: [] }] }
  const { outcome, reasons } = judged('events', { external_id: user, name: 'n', time }, reply)
  expect(reasons).toEqual(['key_missing', 'key_missing'])
  expect(outcome).toBe('mismatched')
})

test('an event of the same name in another case is another event', () => {
  expect(eventReasons({ name: 'N' })).toEqual(['extra_key', 'extra_key'])
})
