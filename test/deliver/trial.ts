import { setMaxListeners } from 'node:events'
import { deliver } from '../../src/deliver/deliver.ts'
import type { Delivery } from '../../src/deliver/delivery.ts'
import { createRateLimit } from '../../src/rate-limit/rate-limit.ts'
import type { Answer, Exchange, Lost } from '../../src/model/exchange.ts'
import type { Kind } from '../../src/model/kind.ts'
import type { Json, JsonObject } from '../../src/model/json.ts'
import { defaultReadings } from '../../src/braze/assumptions.ts'
import type { Stop } from '../../src/model/exit.ts'
import type { TrackObject } from '../../src/model/track-object.ts'
import { trackObject } from '../support/build.ts'
import { SimulatedClock } from '../support/simulated-clock.ts'

export type Result = { answer: Answer } | { lost: Lost }

/** What the simulated API does with one request. */
export interface Fate {
  afterMs?: number
  result: Result
}

/** One request as the simulated API saw it. */
export interface Request {
  /** The object that gave it its place. */
  seq: number
  /** All the objects it carries. */
  seqs: number[]
  /** 0 for the first request of the run. */
  index: number
  /** 1 for the first request of the object. */
  attempt: number
  body: JsonObject
  leftAt: number
}

export type Happening =
  | { what: 'read'; seq: number; at: number }
  | { what: 'sending'; seq: number; at: number; attempt: number }
  | { what: 'recorded'; seq: number; at: number; attempt: number }
  | { what: 'left'; seq: number; at: number; attempt: number; request: number; leads: boolean }
  | { what: 'came'; seq: number; at: number; result: Result; leads: boolean }
  | { what: 'failed'; seq: number; at: number; exchange: Exchange }
  | { what: 'settled'; seq: number; at: number; exchange: Exchange }
  | {
      what: 'unsent'
      seq: number
      at: number
      outcome: 'held' | 'not_sent' | 'unknown'
      message: string
      attempts: number
    }
  | { what: 'hung up'; seq: -1; at: number }
  | { what: 'permit'; seq: -1; at: number }
  | { what: 'over'; seq: -1; at: number }

export interface TrialOptions extends Partial<Omit<Delivery, 'clock' | 'post' | 'host' | 'sending'>> {
  /** Called for each object of a request; false keeps the request from leaving. */
  sending?: (object: TrackObject, attempt: number) => Promise<boolean | void>
  /** One made before, where the rate limit needs it too. */
  clock?: SimulatedClock
  onBody?: (body: string) => void
  fate?: (request: Request) => Fate
  batch?: number
  /** How long a permit takes; none needs one by default. */
  permitMs?: number
  /** How long the journal takes to be durable. */
  recordMs?: number
  /** A moment at which somebody presses Ctrl-C. */
  stopAfterMs?: number
  objectsFrom?: (objects: TrackObject[]) => AsyncIterable<TrackObject[]>
}

/** Everything that happened in one delivery, in order. */
export interface Trial {
  happenings: Happening[]
  stop: Stop | null
  error: unknown
  startedAt: number
  clock: SimulatedClock
}

export const ok: Fate = { afterMs: 100, result: answer(201) }
export const interrupted: Stop = { exit: 'interrupted', message: 'Interrupted.' }
export const host = 'https://rest.test'

/** Delivers to a simulated API in simulated time, and writes down what happened. It never throws. */
export async function tryDelivery(objects: TrackObject[], options: TrialOptions = {}): Promise<Trial> {
  const {
    fate = () => ok,
    batch = 10,
    recordMs = 0,
    permitMs = 0,
    stopAfterMs,
    objectsFrom,
    ...given
  } = options
  const clock = options.clock ?? new SimulatedClock()
  const startedAt = clock.now()
  const stop = given.stop ?? new AbortController()
  const happenings: Happening[] = []
  const attempts = new Map<number, number>()
  const rateLimit =
    given.rateLimit ??
    createRateLimit('off', {
      permit: signal => (permitMs === 0 ? Promise.resolve() : clock.sleep(permitMs, signal)),
      clock,
      random: given.random ?? (() => 0.5),
    })
  let index = 0
  const hungUp = new AbortController()
  setMaxListeners(0, hungUp.signal)
  const note = (happening: Happening) => void happenings.push(happening)

  async function* batches(): AsyncGenerator<TrackObject[]> {
    for (let from = 0; from < objects.length; from += batch) {
      const some = objects.slice(from, from + batch)
      for (const { seq } of some) note({ what: 'read', seq, at: clock.now() })
      yield some
    }
  }

  async function post(body: string): Promise<Result> {
    options.onBody?.(body)
    const object = objectIn(body)
    const seqs = numbersIn(object)
    const [leader = -1] = seqs
    const leftAt = clock.now()
    const request = index++
    for (const seq of seqs) {
      const attempt = (attempts.get(seq) ?? 0) + 1
      attempts.set(seq, attempt)
      note({ what: 'left', seq, at: leftAt, attempt, request, leads: seq === leader })
    }
    const attempt = attempts.get(leader) ?? 0
    const { afterMs = 100, result } = fate({
      seq: leader,
      seqs,
      index: request,
      attempt,
      body: object,
      leftAt,
    })
    await clock.sleep(afterMs, hungUp.signal)
    const came = hungUp.signal.aborted ? lost(true) : result
    for (const seq of seqs) note({ what: 'came', seq, at: clock.now(), result: came, leads: seq === leader })
    return came
  }

  if (stopAfterMs !== undefined) clock.after(stopAfterMs, () => stop.abort(interrupted))
  const work = deliver(objectsFrom?.(objects) ?? batches(), {
    host,
    total: objects.length,
    concurrency: 10,
    readAhead: 100,
    order: 'user',
    coalesce: false,
    readings: defaultReadings,
    bodyForm: 'array',
    replay: 'safe',
    maxRetries: 100_000,
    afterUnknown: 'hold',
    afterRejected: 'continue',
    random: () => 0.5,
    earlier: () => undefined,
    unsettled: [],
    waitedForLanes: () => {},
    hangUp: () => {
      note({ what: 'hung up', seq: -1, at: clock.now() })
      hungUp.abort()
    },
    ...given,
    stop,
    clock,
    post,
    rateLimit: {
      ...rateLimit,
      acquire: async signal => {
        await rateLimit.acquire(signal)
        if (!signal.aborted) note({ what: 'permit', seq: -1, at: clock.now() })
      },
    },
    sending: async leaving => {
      for (const { object, attempt } of leaving) {
        note({ what: 'sending', seq: object.seq, at: clock.now(), attempt })
        if ((await given.sending?.(object, attempt)) === false) return false
      }
      await clock.sleep(recordMs)
      for (const { object, attempt } of leaving) {
        note({ what: 'recorded', seq: object.seq, at: clock.now(), attempt })
      }
      return true
    },
    failed: (carried, exchange) => {
      for (const { seq } of carried) note({ what: 'failed', seq, at: clock.now(), exchange: { ...exchange } })
      given.failed?.(carried, exchange)
    },
    settled: (carried, exchange, asked) => {
      for (const { seq } of carried)
        note({ what: 'settled', seq, at: clock.now(), exchange: { ...exchange } })
      given.settled?.(carried, exchange, asked)
    },
    unsent: (object, outcome, message, sent) => {
      note({ what: 'unsent', seq: object.seq, at: clock.now(), outcome, message, attempts: sent })
      given.unsent?.(object, outcome, message, sent)
    },
  })
  let error: unknown
  await clock.finish(work).catch((thrown: unknown) => {
    error = thrown
  })
  note({ what: 'over', seq: -1, at: clock.now() })
  // Whatever was left running would now make itself heard.
  await clock.advance(3_600_000)
  const reason: unknown = stop.signal.reason
  return { happenings, stop: stop.signal.aborted ? (reason as Stop) : null, error, startedAt, clock }
}

/** The happenings of one kind. */
export function all<What extends Happening['what']>(
  { happenings }: Trial,
  what: What,
): Extract<Happening, { what: What }>[] {
  return happenings.filter((one): one is Extract<Happening, { what: What }> => one.what === what)
}

/** How each object ended, in words, by its number: `201`, `in doubt`, `held`, `not_sent`. */
export function endings(trial: Trial): Record<number, string> {
  const told = trial.happenings.flatMap(one => {
    if (one.what === 'settled') return [[one.seq, sayExchange(one.exchange)]]
    return one.what === 'unsent' ? [[one.seq, one.outcome]] : []
  })
  return Object.fromEntries(told) as Record<number, string>
}

function sayExchange({ inDoubt, result }: Exchange): string {
  if (inDoubt) return 'in doubt'
  return 'answer' in result ? String(result.answer.status) : 'lost without doubt'
}

export function answer(status: number, headers: Record<string, string> = {}): { answer: Answer } {
  return { answer: { status, headers, body: '{"message":"success"}', complete: true } }
}

export function lost(sent: boolean): { lost: Lost } {
  return { lost: { sent, reason: sent ? 'UND_ERR_SOCKET' : 'ECONNREFUSED' } }
}

/** An object whose number travels in its body, so that the simulated API knows which it is. */
export function numbered(
  seq: number,
  user: string,
  kind: Kind = 'attributes',
  more: JsonObject = {},
): TrackObject {
  const occurrence = { name: 'n', time: '2024-05-06T07:08:09Z' }
  const body = { external_id: user, [`n${seq}`]: seq, ...(kind === 'attributes' ? {} : occurrence), ...more }
  return trackObject(kind, body, { seq, row: seq + 1, line: seq + 2 })
}

/** So many objects, the user of each by its number. */
export function objectsOf(
  count: number,
  userOf: (seq: number) => string,
  kind: Kind = 'attributes',
): TrackObject[] {
  return Array.from({ length: count }, (_, seq) => numbered(seq, userOf(seq), kind))
}

/** The numbers of the objects that make up a body. */
function numbersIn(body: JsonObject): number[] {
  const numbers = Object.keys(body).filter(name => /^n\d+$/.test(name))
  return numbers.map(name => Number(name.slice(1))).toSorted((a, b) => a - b)
}

function objectIn(body: string): JsonObject {
  const [content] = Object.values(JSON.parse(body) as JsonObject)
  const object: Json | undefined = Array.isArray(content) ? content[0] : content
  return object as JsonObject
}
