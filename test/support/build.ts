import type { Account } from '../../src/model/account.ts'
import type { Exchange } from '../../src/model/exchange.ts'
import type { Kind } from '../../src/model/kind.ts'
import { userKeyOf } from '../../src/braze/identifiers.ts'
import type { Json, JsonObject } from '../../src/model/json.ts'
import type { PlanFile } from '../../src/model/plan.ts'
import type { RunFacts } from '../../src/model/run-facts.ts'
import type { TrackObject } from '../../src/model/track-object.ts'
import { type Judgement, Memory, reconcile } from '../../src/reconcile/reconcile.ts'
import { respond, type SandboxResponse } from '../../src/sandbox/respond.ts'
import type { Profiles } from '../../src/sandbox/profile.ts'
import { check } from '../../src/validate/check-object.ts'

/** The moment at which the tests live. */
export const now = Date.parse('2024-05-06T07:08:09.000Z')

/** A track object of row 3, line 4 of `in.csv`. */
export function trackObject(
  kind: Kind | null,
  body: JsonObject,
  more: Partial<TrackObject> = {},
): TrackObject {
  const place = { file: 'in.csv', row: 3, line: 4, seq: 0, part: 0 }
  const raw = Buffer.from('3,x')
  return { ...place, kind, body, user: userKeyOf(body), raw, problems: [], leftOut: [], ...more }
}

/** Everything that is wrong with a body, as `code field: expected → came`. */
export function wrongWith(kind: Kind, body: JsonObject): string[] {
  return check(trackObject(kind, body)).problems.map(
    ({ code, field = '-', expected, came }) => `${code} ${field}: ${expected} → ${came}`,
  )
}

/** An exchange that ended with this answer; a body that is no text is sent as JSON. */
export function answered(status: number, body: Json, complete = true): Exchange {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const result = { answer: { status, headers: {}, body: text, complete } }
  return { result, attempts: 1, durationMs: 20, inDoubt: false }
}

/** What is said of this object when a 201 brings this body. */
export function judged(
  kind: Kind,
  body: JsonObject,
  reply: Json,
  memory: Memory = new Memory(),
  at: number = now,
): Judgement {
  return reconcile({ kind, user: userKeyOf(body), body }, answered(201, reply), at, memory)
}

/** Sends one object to the sandbox's function, as the endpoint would get it, and keeps what was written. */
export function send(profiles: Profiles, kind: Kind, object: Json, at: number = now): SandboxResponse {
  const result = post(profiles, JSON.stringify({ [kind]: [object] }), at)
  if (result.written !== null) profiles.save(result.written)
  return result.response
}

export function post(profiles: Profiles, body: string, at: number = now) {
  const headers = { authorization: 'Bearer key' }
  return respond({ method: 'POST', path: '/users/track/sync', headers, body }, profiles, at, null)
}

/** An account that ended well, of one row of `in.csv`. */
export function account(more: Partial<Account> = {}): Account {
  const body = { external_id: 'u1', plan: 'gold' }
  return {
    seq: 0,
    file: 'in.csv',
    row: 1,
    line: 2,
    part: 0,
    kind: 'attributes',
    user: '{"external_id":"u1"}',
    outcome: 'verified',
    reason: '',
    message: '',
    httpStatus: 201,
    attempts: 1,
    durationMs: 20,
    endedAt: now + 20,
    body,
    echoed: { external_id: 'u1', custom_attributes: { plan: 'gold' } },
    reasons: ['exact'],
    raw: Buffer.from('u1,gold'),
    overtakenBy: null,
    ...more,
  }
}

/** An account that was never sent. */
export function unsent(more: Partial<Account>): Account {
  const nothing = {
    httpStatus: null,
    attempts: 0,
    durationMs: null,
    endedAt: null,
    body: null,
    echoed: null,
    reasons: [],
  }
  return account({ ...nothing, ...more })
}

/** A file of a plan: `in.csv`, written as most are. */
export function planFile(more: Partial<PlanFile> = {}): PlanFile {
  return {
    path: 'in.csv',
    bytes: 10,
    sha256: 'aa',
    format: 'csv',
    encoding: 'utf-8',
    delimiter: ',',
    packing: null,
    shapes: {},
    rows: 3,
    header: Buffer.from('external_id,plan'),
    ...more,
  }
}

/** A finished run over `in.csv`, planned with so many objects. */
export function runFacts(objects: number, more: Partial<RunFacts> = {}): RunFacts {
  const latency = new Uint32Array(1000)
  latency[20] = 1
  return {
    run: 'r1',
    version: '0.1.0',
    target: 'sandbox',
    limitPerMinute: 500,
    isAudit: false,
    lookups: { requests: 0, users: 0, failed: 0, settled: 0 },
    exported: null,
    startedAt: now,
    finishedAt: now + 60_000,
    status: 'finished',
    stop: null,
    activeMs: 60_000,
    resumes: 0,
    inputs: ['in.csv'],
    planned: {
      objects,
      invalid: 0,
      types: {},
      files: [planFile({ rows: objects })],
    },
    requests: {
      sent: 1,
      answered: 1,
      retried: 0,
      rateLimited: 0,
      coalesced: 0,
      gaps: 0,
      gapsMs: 0,
      latency,
    },
    timeline: {
      sliceMs: 250,
      sent: [1],
      limited: [],
      legs: [{ startedAt: now, from: 0, awayMs: 0, limitPerMinute: 500 }],
      pauses: [],
      paused: { times: 0, ms: 0 },
    },
    waitedForLanesMs: 0,
    unread: 0,
    damage: null,
    ...more,
  }
}

export async function* streamOf<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items
}

/** A run in which every outcome was met, in input order. */
export function everyOutcome(): Account[] {
  const event = { external_id: 'u2', name: 'n', time: '2022-12-06', properties: { size: 1 } }
  const events = [
    { name: 'n', first: '2022-12-06T00:00:00.000Z', last: '2022-12-06T00:00:00.000Z', count: 1 },
  ]
  const place = (row: number) => ({
    seq: row - 1,
    row,
    line: row + 1,
    raw: Buffer.from(`u${row},row ${row}`),
  })
  return [
    account({ ...place(1), raw: null }),
    account({
      ...place(2),
      kind: 'events',
      user: '{"external_id":"u2"}',
      body: event,
      echoed: { external_id: 'u2', custom_events: events },
      reasons: ['count_baseline_unknown', 'date_utc_assumed', 'details_not_echoed'],
      raw: null,
    }),
    account({
      ...place(3),
      outcome: 'unverifiable',
      body: { external_id: 'u3', first_name: 'Ada' },
      reasons: ['standard_field_not_echoed'],
      raw: null,
    }),
    account({
      ...place(4),
      outcome: 'mismatched',
      body: { external_id: 'u4', plan: 'gold', tags: ['a', 'b'] },
      echoed: { external_id: 'u4', custom_attributes: { plan: 'silver', tags: ['a', 'b'] } },
      reasons: ['unexplained', 'exact'],
      raw: null,
    }),
    account({
      ...place(5),
      outcome: 'rejected',
      httpStatus: 400,
      message: 'bad "thing"\nand more',
      echoed: null,
      reasons: ['request_rejected'],
    }),
    unsent({ ...place(6), outcome: 'invalid', reason: 'field_type', message: 'wrong', kind: null, user: '' }),
    account({ ...place(7), outcome: 'unknown', httpStatus: null, echoed: null, reasons: ['answer_lost'] }),
    unsent({ ...place(8), outcome: 'held', reason: 'after_unknown' }),
    unsent({ ...place(9), outcome: 'unchanged', raw: null }),
    unsent({ ...place(10), outcome: 'not_sent', part: 2, reason: 'interrupted' }),
  ]
}
