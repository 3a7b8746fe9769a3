import { createHmac } from 'node:crypto'
import { statusOf } from '../braze/statuses.ts'
import type { Account } from '../model/account.ts'
import type { Stop } from '../model/exit.ts'
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import { networkCauses } from '../model/network.ts'
import { type ComparedWith, comparedWith } from '../model/compared-with.ts'
import { meaningOf } from '../model/outcome.ts'
import { problemCodes } from '../model/problem.ts'
import type { RunFacts } from '../model/run-facts.ts'
import { reasons } from '../model/verdict.ts'
import type { Changed } from './changes.ts'
import type { JudgedValue } from './judged.ts'

/** Bytes of a key. */
export const keyBytes = 32
/** Hexadecimal digits of a hash that are shown: enough that a billion values do not collide by chance. */
const digits = 24

/**
 * Removes from a report whatever could identify a person: values, identifiers, original records, and every sentence that
 * may quote one. Hashes (HMAC-SHA256) under a key of the run replace them, so that nobody without the key can test which
 * value gives which hash. Names of fields and files, places, codes and figures stay.
 */
export class Redaction {
  readonly #key: Uint8Array
  /** Input files that are not CSV. */
  readonly #ofJson: ReadonlySet<string>
  readonly #compared: ComparedWith

  constructor(key: Uint8Array, { planned, isAudit, lookups }: RunFacts) {
    this.#key = key
    this.#compared = comparedWith({ mode: isAudit ? 'audit' : 'import', lookups })
    this.#ofJson = new Set(
      (planned?.files ?? []).flatMap(({ path, header }) => (header === null ? [path] : [])),
    )
  }

  /** Equal values have equal hashes everywhere. */
  hash(value: Json): string {
    return this.#hashOf(JSON.stringify(sortedKeys(value)))
  }

  account(account: Account): Account {
    const { wanted: _wanted, ...kept } = account
    const { user, raw, file } = kept
    const record = raw === null ? null : this.#hashOf(raw)
    return {
      ...kept,
      user: user === '' ? '' : JSON.stringify(this.#identifier(JSON.parse(user) as JsonObject)),
      message: withoutValues(account, this.#compared),
      body: null,
      echoed: null,
      raw: record === null ? null : Buffer.from(this.#ofJson.has(file) ? JSON.stringify({ record }) : record),
    }
  }

  value(value: JudgedValue): JudgedValue {
    const { requested, returned } = value
    const shown = returned === undefined ? undefined : this.hash(returned)
    return { ...value, requested: this.hash(requested), returned: shown }
  }

  changed(changed: Changed): Changed {
    return { ...changed, account: this.account(changed.account), value: this.value(changed.value) }
  }

  /** The header and the fingerprint of a small file reveal as much as a record, so they are hashed. */
  facts(facts: RunFacts): RunFacts {
    const { planned, stop, exported } = facts
    const files = (planned?.files ?? []).map(({ header, encoding, sha256, ...file }) => {
      const hashed =
        header === null ? null : Buffer.from(this.#hashOf(Buffer.concat([Buffer.from(encoding), header])))
      return { ...file, header: hashed, encoding: 'utf-8' as const, sha256: this.hash(sha256) }
    })
    const { objects, invalid } = planned ?? { objects: 0, invalid: 0 }
    return {
      ...facts,
      planned: planned === null ? null : { objects, invalid, types: {}, files },
      exported: exported === null ? null : { ...exported, problems: [] },
      stop: stop === null ? null : this.#stop(stop),
    }
  }

  /** The reason of a stop may quote the input. */
  #stop(stop: Stop): Stop {
    if (stop.exit !== 'stopped' && stop.exit !== 'bug') return stop
    const { exit, resumeWith } = stop
    const message = 'The report of the run gives the reason, which may quote values.'
    return { exit, message, ...(resumeWith === undefined ? {} : { resumeWith }) }
  }

  /** The kind of identifier stays, and of an alias its two parts. */
  #identifier(user: JsonObject): JsonObject {
    const entries = Object.entries(user).map(([name, value]) => [
      name,
      isJsonObject(value) ? this.#identifier(value) : this.hash(value),
    ])
    return Object.fromEntries(entries) as JsonObject
  }

  #hashOf(bytes: string | Uint8Array): string {
    return `hmac:${createHmac('sha256', this.#key).update(bytes).digest('hex').slice(0, digits)}`
  }
}

/** The message of an object from its codes alone; empty if it has no message. */
function withoutValues({ message, reason, outcome, httpStatus }: Account, compared: ComparedWith): string {
  if (message === '') return ''
  // These messages are our own, and name rows and codes only.
  if (outcome === 'held' || (outcome === 'unknown' && httpStatus === null && isLoss(message))) return message
  if (Object.hasOwn(problemCodes, reason)) return problemCodes[reason as keyof typeof problemCodes].means
  if (outcome === 'unchanged' || outcome === 'not_sent') return meaningOf(outcome, compared)
  const known = httpStatus === null ? undefined : statusOf(httpStatus)
  if (outcome === 'unknown' && known?.follows === 'judge') return reasons.reply_malformed.means
  return known === undefined || known.follows === 'judge'
    ? 'see the report of the run; the message may quote values'
    : known.means
}

/** Whether the message only says how a response was lost: a network code, or nothing. */
function isLoss(message: string): boolean {
  const [, code = ''] = /^(?:no response: )?([A-Z_\d]+)$/.exec(message) ?? []
  const isKnown = Object.hasOwn(networkCauses, code) || /^(?:UND_ERR_[A-Z_]+|E[A-Z]{3,20})$/.test(code)
  return isKnown || message === 'no response was recorded'
}

/** The value with its keys sorted, so that equal values have equal text. */
function sortedKeys(value: Json): Json {
  if (Array.isArray(value)) return value.map(sortedKeys)
  if (!isJsonObject(value)) return value
  const keys = Object.keys(value).toSorted()
  return Object.fromEntries(keys.map(key => [key, sortedKeys(value[key] ?? null)]))
}
