import { createHmac } from 'node:crypto'
import { statusOf } from '../braze/statuses.ts'
import type { Account } from '../model/account.ts'
import type { Stop } from '../model/exit.ts'
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts'
import { networkCauses } from '../model/network.ts'
import { outcomes } from '../model/outcome.ts'
import { problemCodes } from '../model/problem.ts'
import type { RunFacts } from '../model/run-facts.ts'
import { reasons } from '../model/verdict.ts'
import type { Changed } from './changes.ts'
import type { JudgedValue } from './judged.ts'

/** Bytes of a key. */
export const keyBytes = 32
/** Hexadecimal digits of a hash that are shown: of a thousand million values no two have the same by chance. */
const digits = 24

/**
 * Takes out of a report what a person could be known by: values, identifiers, original records, and every sentence that
 * may quote one. In their places stand hashes (HMAC-SHA256) under a key of the run, so that nobody without the key can try
 * which value gives which. Names of fields and files, places, codes and figures stay.
 */
export class Redaction {
  readonly #key: Uint8Array
  /** Input files that are not CSV. */
  readonly #ofJson: ReadonlySet<string>

  constructor(key: Uint8Array, { planned }: RunFacts) {
    this.#key = key
    this.#ofJson = new Set(
      (planned?.files ?? []).flatMap(({ path, header }) => (header === null ? [path] : [])),
    )
  }

  /** Values that are equal have equal hashes, wherever they stand. */
  hash(value: Json): string {
    return this.#hashOf(JSON.stringify(inOrder(value)))
  }

  account(account: Account): Account {
    const { user, raw, file } = account
    const record = raw === null ? null : this.#hashOf(raw)
    return {
      ...account,
      user: user === '' ? '' : JSON.stringify(this.#identifier(JSON.parse(user) as JsonObject)),
      message: withoutValues(account),
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

  /** A header, and the fingerprint of a file, tell as much as a record where the file is small. */
  facts(facts: RunFacts): RunFacts {
    const { planned, stop } = facts
    const files = (planned?.files ?? []).map(({ header, encoding, sha256, ...file }) => {
      const hashed =
        header === null ? null : Buffer.from(this.#hashOf(Buffer.concat([Buffer.from(encoding), header])))
      return { ...file, header: hashed, encoding: 'utf-8' as const, sha256: this.hash(sha256) }
    })
    const { objects, invalid } = planned ?? { objects: 0, invalid: 0 }
    return {
      ...facts,
      planned: planned === null ? null : { objects, invalid, types: {}, files },
      stop: stop === null ? null : this.#stop(stop),
    }
  }

  /** An input that cannot be read on says why, and may quote it. */
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

/** What can be said of an object by its codes alone, where something was said. */
function withoutValues({ message, reason, outcome, httpStatus }: Account): string {
  if (message === '') return ''
  // These are ours, and name rows and codes only.
  if (outcome === 'held' || (outcome === 'unknown' && httpStatus === null && isLoss(message))) return message
  if (Object.hasOwn(problemCodes, reason)) return problemCodes[reason as keyof typeof problemCodes].means
  if (outcome === 'unchanged' || outcome === 'not_sent') return outcomes[outcome].means
  const known = httpStatus === null ? undefined : statusOf(httpStatus)
  if (outcome === 'unknown' && known?.follows === 'judge') return reasons.reply_malformed.means
  return known === undefined || known.follows === 'judge'
    ? 'see the report of the run; the message may quote values'
    : known.means
}

/** Whether it says no more than how an answer was lost: by a code of the network, or none. */
function isLoss(message: string): boolean {
  const [, code = ''] = /^(?:no answer: )?([A-Z_\d]+)$/.exec(message) ?? []
  const isKnown = Object.hasOwn(networkCauses, code) || /^(?:UND_ERR_[A-Z_]+|E[A-Z]{3,20})$/.test(code)
  return isKnown || message === 'no answer was recorded'
}

/** The same value has the same text, in whichever order its keys came. */
function inOrder(value: Json): Json {
  if (Array.isArray(value)) return value.map(inOrder)
  if (!isJsonObject(value)) return value
  const keys = Object.keys(value).toSorted()
  return Object.fromEntries(keys.map(key => [key, inOrder(value[key] ?? null)]))
}
