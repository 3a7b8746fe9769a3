import { describe, expect, test } from 'vitest'
import type { Entry } from '../../src/journal/entry.ts'
import { exchangeLine, refusedLine, sentLine } from '../../src/journal/to-entry.ts'
import type { Outcome } from '../../src/model/outcome.ts'
import type { Replay } from '../../src/braze/idempotency.ts'
import { answered, now, trackObject } from '../support/build.ts'
import { resumed, stateOf } from './told.ts'

const replays: Replay[] = ['safe', 'all', 'none']

describe('what is left to do for an object', () => {
  /** Whether it would be sent with each way to replay: safe, all, none. */
  const openWith = (...entries: Entry[]) => replays.map(replay => stateOf(entries).isOpen(0, replay))

  test('that never came up, was held, or was not sent: everything', () => {
    expect(openWith()).toEqual([true, true, true])
    expect(openWith(refused(0, 'held'))).toEqual([true, true, true])
    expect(openWith(refused(0, 'not_sent'))).toEqual([true, true, true])
    expect(openWith(sent(0), exchange(0, 429))).toEqual([true, true, true])
  })

  test('that has ended: nothing', () => {
    for (const outcome of ['verified', 'unverifiable', 'mismatched', 'rejected'] as const) {
      expect(openWith(sent(0), ended(0, outcome))).toEqual([false, false, false])
    }
    for (const outcome of ['invalid', 'unchanged'] as const) {
      expect(openWith(refused(0, outcome))).toEqual([false, false, false])
    }
  })

  test('whose answer was lost: what the policy allows', () => {
    expect(openWith(sent(0))).toEqual([true, true, false])
    expect(openWith(sent(0), ended(0, 'unknown'))).toEqual([true, true, false])
    expect(openWith(sent(0, 'events'))).toEqual([false, true, false])
    expect(openWith(sent(0, 'attributes', { visits: { inc: 1 } }))).toEqual([false, true, false])
  })

  test('that a later row has overtaken since: nothing that would undo it', () => {
    const later = [sent(3), ended(3, 'verified')]
    expect(openWith(sent(0), ended(0, 'unknown'), ...later)).toEqual([false, true, false])
    expect(openWith(sent(0), resumed, ...later)).toEqual([false, true, false])
    const other = [sent(3, 'attributes', { age: 1 }), ended(3, 'verified')]
    expect(openWith(sent(0), ended(0, 'unknown'), ...other)).toEqual([true, true, false])
  })

  test('that a later row may have overtaken: the same, if that row is sent again behind it', () => {
    expect(openWith(sent(0), sent(3))).toEqual([true, true, false])
    // The later one was itself overtaken, and is not sent again.
    const both = { plan: 1, age: 1 }
    const chain = [sent(0), sent(3, 'attributes', both), resumed, sent(5, 'attributes', { age: 2 })]
    expect(openWith(...chain, ended(5, 'verified'))).toEqual([false, true, false])
  })

  test('is known at once where hundreds of rows of one user may have overtaken each other', () => {
    const rows = Array.from({ length: 300 }, (_, seq) => [sent(seq), ended(seq, 'unknown')]).flat()
    const state = stateOf(rows)
    expect(rows.every((_, seq) => state.isOpen(seq, 'safe'))).toBe(true)
    const overtaken = stateOf([...rows, sent(300), ended(300, 'verified')])
    const open = Array.from({ length: 301 }, (_, seq) => overtaken.isOpen(seq, 'safe'))
    expect(open).toEqual(open.map(() => false))
  })

  test('that was unknown and has ended since: nothing', () => {
    const state = stateOf([sent(0), resumed, sent(0), ended(0, 'verified')])
    expect([state.isOpen(0, 'all'), state.unsettled.size]).toEqual([false, 0])
  })
})

describe('what was done for an object so far', () => {
  const earlier = (...entries: Entry[]) => stateOf(entries).earlier(0)

  test('is its attempts, and those of them that may have been applied', () => {
    expect(earlier()).toBeUndefined()
    expect(earlier(sent(0))).toEqual({ attempts: 1, doubts: 1 })
    expect(earlier(sent(0), exchange(0, 429), sent(0, 'attributes', {}, 2), exchange(0, 429))).toEqual({
      attempts: 2,
      doubts: 0,
    })
    expect(earlier(sent(0), exchange(0, 503), sent(0, 'attributes', {}, 2))).toEqual({
      attempts: 2,
      doubts: 2,
    })
  })

  test('goes on from process to process', () => {
    const second = [resumed, sent(0, 'attributes', {}, 2), exchange(0, 504)]
    expect(earlier(sent(0), ...second)).toEqual({ attempts: 2, doubts: 2 })
    expect(earlier(sent(0), exchange(0, 429), refused(0, 'not_sent'), ...second)).toEqual({
      attempts: 2,
      doubts: 1,
    })
  })
})

test('what was rejected or is unknown is kept for those behind it, without its record', () => {
  const state = stateOf([sent(0), ended(0, 'rejected'), sent(1), sent(2), ended(2, 'verified')])
  expect([...state.unsettled.values()].map(({ seq, outcome }) => [seq, outcome])).toEqual([
    [0, 'rejected'],
    [1, 'unknown'],
  ])
  expect(state.unsettled.get(0)).not.toHaveProperty('raw')
})

test('whoever listens is told of every object that was sent, and of what was lost with its process', () => {
  const told: [string | undefined, Outcome | null][] = []
  const entries = [sent(0), sent(1), ended(0, 'verified'), resumed, sent(2), ended(2, 'rejected')]
  stateOf(entries, ({ object, line }) => told.push([object.user, line?.outcome ?? null]))
  expect(told).toEqual([
    ['{"external_id":"u"}', 'verified'],
    ['{"external_id":"u"}', null],
    ['{"external_id":"u"}', 'rejected'],
  ])
})

test('when requests left is remembered, once for all that one carries', () => {
  const rider = { ...(sent(1) as Entry & { t: 'sent' }), with: 0 }
  expect(stateOf([sent(0), rider, sent(2)]).starts).toEqual([now, now])
})

test('a run that was resumed more often than can be kept is refused, not misread', () => {
  const legs = Array.from({ length: 5000 }, () => [resumed, sent(0), ended(0, 'verified')]).flat()
  expect(() => stateOf(legs)).toThrow(/more than 4095 times/)
})

function sent(seq: number, kind: 'attributes' | 'events' = 'attributes', more = {}, attempt = 1): Entry {
  const body = { external_id: 'u', ...(Object.keys(more).length === 0 ? { plan: seq } : more) }
  const object = trackObject(kind, body, { seq, row: seq + 1 })
  return sentLine({ object, attempt, first: true }, now)
}

function exchange(seq: number, status: number): Entry {
  return exchangeLine(seq, answered(status, ''), now)
}

function ended(seq: number, outcome: Outcome): Entry {
  const status = outcome === 'rejected' ? 400 : outcome === 'unknown' ? 503 : 201
  return exchangeLine(seq, answered(status, ''), now, seq, { outcome, reasons: [], user: null, message: '' })
}

function refused(seq: number, outcome: 'invalid' | 'held' | 'unchanged' | 'not_sent'): Entry {
  return refusedLine(trackObject('attributes', { external_id: 'u', plan: 1 }, { seq }), outcome, '', '', now)
}
