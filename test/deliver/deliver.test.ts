import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { isIdempotent } from '../../src/braze/idempotency.ts'
import type { TrackObject } from '../../src/model/track-object.ts'
import {
  all,
  answer,
  type Fate,
  type Happening,
  lost,
  numbered,
  type Result,
  type Trial,
  type TrialOptions,
  tryDelivery,
} from './trial.ts'

const someObject = fc.record({
  user: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
  /** Some objects name an email beside the user, and some name nothing else. */
  email: fc.option(fc.constantFrom('a@x.org', 'b@x.org', 'group@x.org'), { freq: 5 }),
  isNameless: fc.boolean(),
  field: fc.constantFrom('plan', 'plan', 'age', 'city'),
  kind: fc.constantFrom('set', 'set', 'increment', 'events', 'purchases'),
})

const someFate: fc.Arbitrary<Fate> = fc.record({
  afterMs: fc.constantFrom(0, 1, 20, 300, 5000, 90_000),
  result: fc.oneof(
    { weight: 8, arbitrary: fc.constant(answer(201)) },
    { weight: 1, arbitrary: fc.constantFrom(answer(400), answer(413)) },
    { weight: 3, arbitrary: fc.constantFrom(answer(429), answer(429, { 'retry-after': '2' })) },
    { weight: 2, arbitrary: fc.constantFrom(answer(500), answer(503), answer(504)) },
    { weight: 3, arbitrary: fc.boolean().map(lost) },
  ),
})

const someRun = fc.record({
  objects: fc.array(someObject, { minLength: 1, maxLength: 40 }),
  /** In turn; the last one lets everything end some day. */
  fates: fc.array(someFate, { maxLength: 12 }),
  refusal: fc.option(fc.record({ at: fc.nat(40), status: fc.constantFrom(401, 403, 404) }), { freq: 5 }),
  stopAfterMs: fc.option(fc.constantFrom(0, 10, 500, 2500, 20_000), { freq: 3 }),
  replay: fc.constantFrom('safe' as const, 'all' as const, 'none' as const),
  afterUnknown: fc.constantFrom('hold' as const, 'continue' as const),
  afterRejected: fc.constantFrom('hold' as const, 'continue' as const),
  order: fc.constantFrom('user' as const, 'value' as const),
  coalesce: fc.boolean(),
  concurrency: fc.integer({ min: 1, max: 6 }),
  readAhead: fc.integer({ min: 1, max: 20 }),
  batch: fc.integer({ min: 1, max: 9 }),
  recordMs: fc.constantFrom(0, 1, 40),
  permitMs: fc.constantFrom(0, 0, 5, 120),
})
type Run = typeof someRun extends fc.Arbitrary<infer Value> ? Value : never

test('whatever the network does, every promise of the delivery holds', async () => {
  await fc.assert(
    fc.asyncProperty(someRun, async run => {
      const objects = run.objects.map(objectOf)
      const trial = await tryDelivery(objects, optionsOf(run))
      expect(trial.error).toBeUndefined()
      expectEveryObjectToEndOnce(trial, objects)
      expectOneAtATimeInOrder(trial, objects, run)
      expectBounds(trial, run)
      expectEveryRequestOnRecord(trial, objects)
      expectNoHarmfulRepeat(trial, objects, run)
      expectHoldsToBeRight(trial, objects, run)
      expectNothingAfterTheEnd(trial)
    }),
    { numRuns: 600 },
  )
})

function expectEveryObjectToEndOnce(trial: Trial, objects: TrackObject[]): void {
  const ended = trial.happenings.filter(isEnd).map(one => one.seq)
  expect(ended.toSorted((a, b) => a - b)).toEqual(objects.map(object => object.seq))
  if (trial.stop === null) expect(all(trial, 'unsent').filter(one => one.outcome === 'not_sent')).toEqual([])
}

/** Of two that may not overlap, the later one leaves without the earlier one only when that has ended. */
function expectOneAtATimeInOrder({ happenings }: Trial, objects: TrackObject[], run: Run): void {
  const endOf = objects.map(({ seq }) => happenings.findIndex(one => isEnd(one) && one.seq === seq))
  const together = new Map<number, Set<number>>()
  for (const one of happenings) {
    if (one.what !== 'left') continue
    together.set(one.request, (together.get(one.request) ?? new Set()).add(one.seq))
  }
  for (const [at, one] of happenings.entries()) {
    if (one.what !== 'left') continue
    for (const earlier of objects.slice(0, one.seq)) {
      if (!mayNotOverlap(earlier, find(objects, one.seq), run)) continue
      if (together.get(one.request)?.has(earlier.seq) !== true) expect(endOf[earlier.seq]).toBeLessThan(at)
    }
  }
}

function expectBounds(trial: Trial, run: Run): void {
  let [inFlight, readAndOpen] = [0, 0]
  for (const one of trial.happenings) {
    if (one.what === 'left' && one.leads) inFlight++
    if (one.what === 'came' && one.leads) inFlight--
    if (one.what === 'read') readAndOpen++
    if (isEnd(one)) readAndOpen--
    expect(inFlight).toBeLessThanOrEqual(run.concurrency)
    // The batch in the reader's hand comes on top of what it may read ahead.
    expect(readAndOpen).toBeLessThanOrEqual(run.readAhead + run.batch)
  }
}

/** On record before it leaves; afterwards its exchange is told exactly once, as a failure or as the end. */
function expectEveryRequestOnRecord(trial: Trial, objects: TrackObject[]): void {
  for (const { seq } of objects) {
    const own = trial.happenings.filter(one => one.seq === seq && one.what !== 'read')
    const steps = own.map(one => one.what)
    const requests = all(trial, 'left').filter(one => one.seq === seq)
    expect(requests.map(one => one.attempt)).toEqual(requests.map((_, i) => i + 1))
    const story = steps.join(' ')
    expect(story).toMatch(/^(sending recorded left came (failed )?)*(settled|unsent)$/)
    const told = steps.filter(what => what === 'failed' || what === 'settled')
    expect(told).toHaveLength(requests.length)
    const end = own.at(-1)
    if (end?.what === 'unsent') expect(end.attempts).toBe(requests.length)
  }
}

function expectNoHarmfulRepeat(trial: Trial, objects: TrackObject[], run: Run): void {
  for (const object of objects) {
    const own = trial.happenings.filter(one => one.seq === object.seq)
    const results = own.flatMap(one => (one.what === 'came' ? [one.result] : []))
    const doubts = results.filter(leavesDoubt).length
    const harmless = object.kind !== null && isIdempotent(object.kind, object.body)
    const mayRepeat = run.replay === 'all' || (run.replay === 'safe' && harmless)
    // After a doubt nothing leaves any more, unless it is harmless or asked for.
    if (!mayRepeat) expect(results.slice(0, -1).some(leavesDoubt)).toBe(false)
    expect(doubts).toBeLessThanOrEqual(8)
    const end = own.find(isEnd)
    if (end?.what === 'unsent') expect(end.outcome === 'unknown').toBe(doubts > 0)
    if (end?.what === 'settled') {
      const last = results.at(-1)
      const spoken = last !== undefined && 'answer' in last && [201, 400, 413].includes(last.answer.status)
      expect(end.exchange.inDoubt).toBe(!spoken)
      if (!spoken) expect(doubts).toBeGreaterThan(0)
    }
  }
}

function expectHoldsToBeRight(trial: Trial, objects: TrackObject[], run: Run): void {
  const blocking: TrackObject[] = []
  for (const one of trial.happenings) {
    const object = one.seq < 0 ? undefined : find(objects, one.seq)
    if (object === undefined) continue
    const isBlocked = blocking.some(other => mayNotOverlap(other, object, run))
    if (one.what === 'sending') expect(isBlocked).toBe(false)
    if (one.what === 'unsent' && one.outcome === 'held') {
      expect(isBlocked).toBe(true)
      blocking.push(object)
    }
    if (one.what !== 'settled') continue
    const { inDoubt, result } = one.exchange
    const rejected = !inDoubt && 'answer' in result && result.answer.status >= 400
    const policy = inDoubt ? run.afterUnknown : rejected ? run.afterRejected : 'continue'
    if (policy === 'hold') blocking.push(object)
  }
}

function expectNothingAfterTheEnd({ happenings }: Trial): void {
  expect(happenings.findIndex(one => one.what === 'over')).toBe(happenings.length - 1)
}

function optionsOf(run: Run): TrialOptions {
  const { fates, refusal, objects: _objects, stopAfterMs, ...rest } = run
  const turns = [...fates, { afterMs: 50, result: answer(201) }]
  return {
    ...rest,
    ...(stopAfterMs === null ? {} : { stopAfterMs }),
    fate: ({ index }) => {
      if (refusal?.at === index) return { result: answer(refusal.status) }
      return turns[index % turns.length] ?? { result: answer(201) }
    },
  }
}

function objectOf(
  { user, email, isNameless, field, kind }: Run['objects'][number],
  seq: number,
): TrackObject {
  const more = email === null ? {} : { email }
  const content = kind === 'increment' ? { visits: { inc: 1 } } : kind === 'set' ? { [field]: seq } : {}
  const named = numbered(seq, user, kind === 'events' || kind === 'purchases' ? kind : 'attributes', {
    ...more,
    ...content,
  })
  if (email === null || !isNameless) return named
  const { external_id: _nobody, ...body } = named.body
  return { ...named, body, user: JSON.stringify({ email }) }
}

/** The two share a user, and by value also something that both write. An object that ties identifiers writes everything. */
function mayNotOverlap(a: TrackObject, b: TrackObject, { order }: Run): boolean {
  const [ids, others] = [a, b].map(({ body }) => [body['external_id'], body['email']].filter(Boolean))
  if (ids === undefined || others === undefined || !ids.some(id => others.includes(id))) return false
  if (order === 'user' || ids.length > 1 || others.length > 1) return true
  if (a.kind !== b.kind) return false
  if (a.kind !== 'attributes') return a.body['name'] === b.body['name']
  return ['plan', 'age', 'city', 'visits'].some(field => field in a.body && field in b.body)
}

function isEnd(one: Happening): one is Extract<Happening, { what: 'settled' | 'unsent' }> {
  return one.what === 'settled' || one.what === 'unsent'
}

function leavesDoubt(result: Result): boolean {
  return 'lost' in result ? result.lost.sent : result.answer.status >= 500
}

function find(objects: TrackObject[], seq: number): TrackObject {
  const object = objects[seq]
  if (object === undefined) throw new Error(`There is no object ${seq}.`)
  return object
}
