import { exits } from '../model/exit.ts'
import { isJsonObject } from '../model/json.ts'
import { kinds } from '../model/kind.ts'
import { outcomeNames } from '../model/outcome.ts'
import { encodings, formats, packings } from '../model/row.ts'
import { isReasonCode } from '../model/verdict.ts'
import type { Entry } from './entry.ts'

/** Whether a value is what a key may hold; undefined is asked about where the key is not there. */
type Check = (value: unknown) => boolean
/** A check for every key of a type, so that none is forgotten. */
type Shape<Type> = { [Key in keyof Type]-?: Check }

/**
 * What is wrong with a line's type or keys; undefined where it is an entry. Keys that are not known are left alone: later
 * versions may add some.
 */
export function misfit(line: Record<string, unknown>): string | undefined {
  const { t } = line
  if (typeof t !== 'string' || !Object.hasOwn(shapes, t)) return 'it is not a line of a journal'
  const wrong = checks[t as Entry['t']].find(([key, check]) => !check(line[key]))
  return wrong === undefined ? undefined : `its \`${wrong[0]}\` is not that of a line \`${t}\``
}

const text: Check = value => typeof value === 'string'
const flag: Check = value => typeof value === 'boolean'
const count: Check = value => Number.isSafeInteger(value) && Number(value) >= 0
const ms: Check = value => typeof value === 'number' && value >= 0
/** What a `Date` can hold. */
const moment: Check = value => count(value) && Number(value) <= 8.64e15
const anyObject: Check = value => isJsonObject(value)
const none: Check = value => value === null

function one(values: readonly unknown[]): Check {
  const known = new Set(values)
  return value => known.has(value)
}

function either(first: Check, second: Check): Check {
  return value => first(value) || second(value)
}

function perhaps(check: Check): Check {
  return value => value === undefined || check(value)
}

function list(check: Check): Check {
  return value => Array.isArray(value) && value.every(check)
}

function record(check: Check): Check {
  return value => isJsonObject(value) && Object.values(value).every(check)
}

function object(shape: Record<string, Check>): Check {
  const checks = Object.entries(shape)
  return value => isJsonObject(value) && checks.every(([key, check]) => check(value[key]))
}

/** A user key is JSON of its own; empty where there is no user. */
const userKey: Check = value => {
  if (typeof value !== 'string') return false
  if (value === '') return true
  try {
    return isJsonObject(JSON.parse(value))
  } catch {
    return false
  }
}

const raw = either(text, object({ base64: text }))
const outcome = one(outcomeNames)
const limit = either(none, ms)
const place = { file: text, row: count, line: count, part: count, kind: one([null, ...kinds]), user: userKey }
const sentObject = object({ ...place, raw, body: anyObject, leftOut: perhaps(text) })
const reasonList = list(value => typeof value === 'string' && isReasonCode(value))
const ofObject = { at: moment, seq: count, with: perhaps(count) }

const planFile = object({
  path: text,
  bytes: count,
  sha256: text,
  format: one(formats),
  encoding: one(encodings),
  delimiter: either(none, text),
  packing: one([null, ...packings]),
  rows: count,
  shapes: record(count),
  header: either(none, raw),
})
const busiest = object({
  every: count,
  rows: list(count),
  users: list(object({ user: text, rows: list(count) })),
})
const stop = object({
  exit: one(Object.keys(exits)),
  message: text,
  next: perhaps(text),
  resumeWith: perhaps(either(text, record(text))),
})

const shapes: { [Type in Entry['t']]: Shape<Omit<Extract<Entry, { t: Type }>, 't'>> } = {
  run: {
    at: moment,
    journal: count,
    run: text,
    version: text,
    target: text,
    url: text,
    keyFingerprint: text,
    settings: anyObject,
    limitPerMinute: limit,
    inputs: list(text),
    cwd: text,
    audits: perhaps(one([true])),
    mapping: either(none, object({ path: text, sha256: text })),
  },
  planned: {
    at: moment,
    objects: count,
    invalid: count,
    files: list(planFile),
    types: record(one(['number', 'boolean', 'string'])),
    busiest: perhaps(busiest),
  },
  resumed: {
    at: moment,
    journal: perhaps(count),
    version: text,
    keyFingerprint: text,
    settings: anyObject,
    limitPerMinute: limit,
  },
  sent: {
    ...ofObject,
    attempt: count,
    object: perhaps(sentObject),
  },
  answered: {
    ...ofObject,
    status: count,
    ms,
    outcome: perhaps(outcome),
    reasons: perhaps(reasonList),
    user: perhaps(either(none, anyObject)),
    message: perhaps(text),
    looksUp: perhaps(one([true])),
  },
  observed: {
    at: moment,
    seq: count,
    outcome: perhaps(outcome),
    reasons: perhaps(reasonList),
    user: perhaps(either(none, anyObject)),
    message: perhaps(text),
    applied: perhaps(one([false])),
    object: perhaps(sentObject),
    attempts: perhaps(count),
    status: perhaps(count),
  },
  lookup: { at: moment, users: count, status: either(none, count), reason: perhaps(text), ms },
  export: {
    at: moment,
    users: count,
    unusable: count,
    problems: list(object({ file: text, line: count, message: text })),
  },
  lost: { ...ofObject, reason: text, sent: flag, ms, outcome: perhaps(one(['unknown'])) },
  refused: {
    at: moment,
    seq: count,
    outcome: one(['invalid', 'held', 'unchanged', 'not_sent']),
    reason: text,
    message: text,
    object: object({ ...place, raw }),
    fields: perhaps(list(text)),
    body: perhaps(anyObject),
  },
  end: {
    at: moment,
    status: one(['finished', 'stopped', 'interrupted']),
    stop: either(none, stop),
    waitedForLanesMs: ms,
    unread: perhaps(count),
  },
}

const checks = Object.fromEntries(
  Object.entries(shapes).map(([type, shape]) => [type, Object.entries<Check>(shape)]),
) as Record<Entry['t'], [string, Check][]>
