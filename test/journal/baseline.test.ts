import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Entry } from '../../src/journal/entry.ts'
import { type Digest, Digests } from '../../src/model/digests.ts'
import { exchangeLine, refusedLine, sentLine } from '../../src/journal/to-entry.ts'
import { type Baseline, readBaseline } from '../../src/journal/baseline.ts'
import type { Kind } from '../../src/model/kind.ts'
import type { JsonObject } from '../../src/model/json.ts'
import type { Outcome } from '../../src/model/outcome.ts'
import { answered, now, streamOf, trackObject } from '../support/build.ts'
import { linesOf, planned, resumed, run } from './told.ts'

describe('attributes', () => {
  test('that were verified are unchanged, those with any other value are not', async () => {
    const baseline = await after(ended(0, { plan: 'gold', age: 5 }))
    expect(skips(baseline, asked({ plan: 'gold', age: 5 }))).toBe(true)
    expect(skips(baseline, asked({ plan: 'gold' }))).toBe(true)
    expect(skips(baseline, asked({ plan: 'gold', age: '5' }))).toBe(false)
    expect(skips(baseline, asked({ city: 'Porto' }))).toBe(false)
    expect(skips(baseline, { ...asked({ plan: 'gold' }), user: 'somebody else' })).toBe(false)
  })

  test('count as they were verified last, whichever row that was', async () => {
    const baseline = await after(ended(0, { plan: 'gold' }), ended(1, { plan: 'silver', age: 5 }))
    expect(skips(baseline, asked({ plan: 'gold' }))).toBe(false)
    const again = await after(ended(0, { plan: 'gold' }), ended(1, { age: 5 }))
    expect(skips(again, asked({ plan: 'gold', age: 5 }))).toBe(true)
  })

  test.each<[string, Outcome]>([
    ['was not as asked', 'mismatched'],
    ['may have been applied', 'unknown'],
    ['could not be compared', 'unverifiable'],
  ])('are sent again where a later row %s', async (_name, outcome) => {
    const baseline = await after(ended(0, { plan: 'gold' }), ended(1, { plan: 'gold' }, outcome))
    expect(skips(baseline, asked({ plan: 'gold' }))).toBe(false)
  })

  test('are sent again where a process was killed with a row of them under way', async () => {
    const request = ended(1, { plan: 'silver' })
    const baseline = await after(ended(0, { plan: 'gold' }), request.slice(0, 1), [resumed])
    expect(skips(baseline, asked({ plan: 'gold' }))).toBe(false)
  })

  test('stay verified where a later row was refused', async () => {
    const baseline = await after(ended(0, { plan: 'gold' }), ended(1, { plan: 'silver' }, 'rejected'))
    expect(skips(baseline, asked({ plan: 'gold' }))).toBe(true)
  })

  test('that change what is held are another change each time', async () => {
    const baseline = await after(ended(0, { visits: { inc: 1 }, tags: { add: ['a'] } }))
    expect(skips(baseline, asked({ visits: { inc: 1 } }))).toBe(false)
    expect(skips(baseline, asked({ tags: { add: ['a'] } }))).toBe(false)
  })

  test('are not unchanged behind a row that is sent now', async () => {
    const baseline = await after(ended(0, { plan: 'gold' }))
    expect(skips(baseline, asked({ plan: 'silver' }))).toBe(false)
    expect(skips(baseline, asked({ plan: 'gold' }))).toBe(false)
  })

  test('that an earlier run need not send either are verified all the same', async () => {
    const object = trackObject('attributes', { external_id: 'u', plan: 'gold' })
    const baseline = await after([refusedLine(object, 'unchanged', 'unchanged', '', now)])
    expect(skips(baseline, asked({ plan: 'gold' }))).toBe(true)
  })
})

describe('events and purchases', () => {
  const event = { name: 'bought', time: '2024-01-01', properties: { size: 1 } }

  test('are unchanged as often as they were verified, and no more', async () => {
    const baseline = await after(ended(0, event, 'verified', 'events'), ended(1, event, 'verified', 'events'))
    const times = [1, 2, 3].map(() => skips(baseline, asked(event, 'events')))
    expect(times).toEqual([true, true, false])
  })

  test('with anything else in them are others', async () => {
    const baseline = await after(ended(0, event, 'verified', 'events'))
    expect(skips(baseline, asked({ ...event, properties: { size: 2 } }, 'events'))).toBe(false)
    expect(skips(baseline, asked(event, 'purchases'))).toBe(false)
    expect(skips(baseline, asked(event, 'events'))).toBe(true)
  })

  test('that nobody verified are sent', async () => {
    const baseline = await after(
      ended(0, event, 'unknown', 'events'),
      ended(1, event, 'mismatched', 'events'),
    )
    expect(skips(baseline, asked(event, 'events'))).toBe(false)
  })
})

test('a table of digests holds what a map would hold, however full it gets', () => {
  const digest = fc.record({ high: fc.nat(0xffffffff), low: fc.nat(0xffffffff) })
  const few = fc
    .record({ high: fc.constantFrom(0, 1), low: fc.nat(40) })
    .filter(({ high, low }) => high + low > 0)
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.oneof(few, digest), digest), { maxLength: 400 }), entries => {
      const [table, map] = [new Digests(), new Map<string, Digest>()]
      for (const [key, value] of entries) {
        table.set(key, value)
        map.set(JSON.stringify(key), value)
      }
      for (const [key] of entries) expect(table.get(key)).toEqual(map.get(JSON.stringify(key)))
      expect(table.get({ high: 9, low: 41 })).toBe(undefined)
    }),
  )
  const many = new Digests()
  for (let i = 1; i <= 4000; i++) many.set({ high: i, low: i % 97 }, { high: 0, low: i })
  for (let i = 1; i <= 4000; i++) expect(many.get({ high: i, low: i % 97 })?.low).toBe(i)
})

async function after(...stories: Entry[][]): Promise<Baseline> {
  const { baseline } = await readBaseline(streamOf(linesOf([run, planned, ...stories.flat()])))
  return baseline
}

function asked(more: JsonObject, kind: Kind = 'attributes') {
  return { kind, user: '{"external_id":"u"}', body: { external_id: 'u', ...more } }
}

/** A request for an object and its end. */
function ended(
  seq: number,
  more: JsonObject,
  outcome: Outcome = 'verified',
  kind: Kind = 'attributes',
): Entry[] {
  const object = trackObject(kind, { external_id: 'u', ...more }, { seq })
  const status = outcome === 'rejected' ? 400 : outcome === 'unknown' ? 503 : 201
  const end = { outcome, reasons: [], user: null, message: '' }
  return [
    sentLine({ object, attempt: 1, first: true }, now),
    exchangeLine(seq, answered(status, ''), now, seq, end),
  ]
}

/** Whether an object that has its turn need not be sent; the baseline takes note of it. */
function skips(baseline: Baseline, object: Parameters<Baseline['isUnchanged']>[0]): boolean {
  const isUnchanged = baseline.isUnchanged(object)
  baseline.passed(object, isUnchanged)
  return isUnchanged
}
