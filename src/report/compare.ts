import { occurrenceField } from '../braze/fields.ts'
import type { Account } from '../model/account.ts'
import { type Digest, digestOf, Digests } from '../model/digests.ts'
import { type Bucket, type ReasonCode, reasons } from '../model/verdict.ts'
import { type Change, type ChangeCounts, type Changed, changeNames, changes } from './changes.ts'
import { type JudgedValue, judgedValues } from './judged.ts'

/** The accounts of a run in input order, as often as they are asked for. */
type Accounts = () => AsyncIterable<Account>

/**
 * Two runs side by side, value by value. Of attributes the last row of a user counts, as it does for the profile; events
 * and purchases are the same if user, name and time are. Only what differed at least once is remembered, in sixteen bytes
 * a value, so each run is read twice instead of being held. Those that are not asked for any more come first, in the order
 * of the earlier run; all others in that of this one.
 */
export async function compareAccounts(
  before: Accounts,
  now: Accounts,
  add: (changed: Changed) => Promise<void>,
  table = new Digests(),
): Promise<ChangeCounts> {
  const values = new Values(table)
  for await (const { account, value, key } of each(before)) values.see('before', key, account.seq, value)
  for await (const { account, value, key } of each(now)) values.see('now', key, account.seq, value)

  const counts = { ...noChanges(), leftOut: values.leftOut }
  for await (const { account, value, key } of each(before)) {
    // What was asked for before, and first differs now, was passed over the first time.
    values.learn(key, value)
    if (!values.isLast('before', key, account.seq) || value.counts !== 'differ') continue
    counts.notCompared++
    await add({ change: 'not_compared', account, value, before: value.reason, isGone: true })
  }
  for await (const { account, value, key } of each(now)) {
    if (!values.isLast('now', key, account.seq)) continue
    const said = values.before(key)
    const change = changeOf(said === null ? null : reasons[said].counts, value.counts)
    if (change === null) continue
    counts[changes[change].key]++
    await add({ change, account, value, before: said, isGone: false })
  }
  return counts
}

function changeOf(before: Bucket | null, now: Bucket): Change | null {
  if (now === 'differ') return before === 'differ' ? 'still_different' : 'newly_different'
  if (before !== 'differ') return null
  return now === 'match' ? 'repaired' : 'not_compared'
}

function noChanges(): Omit<ChangeCounts, 'leftOut'> {
  return Object.fromEntries(changeNames.map(name => [changes[name].key, 0])) as ReturnType<typeof noChanges>
}

async function* each(accounts: Accounts) {
  for await (const account of accounts()) {
    const { kind, user, body } = account
    if (kind === null || body === null) continue
    const which = kind === 'attributes' ? [] : [body[occurrenceField[kind]] ?? null, body['time'] ?? null]
    for (const value of judgedValues(account)) {
      yield { account, value, key: digestOf(JSON.stringify([kind, user, ...which, value.field])) }
    }
  }
}

type Side = 'before' | 'now'

/** What is known of a value on either side: nothing, or one of the reasons. Its place is that of the last row now, else before. */
class Values {
  /** Values that differ and found no room. */
  leftOut = 0
  readonly #table: Digests

  constructor(table: Digests) {
    this.#table = table
  }

  see(side: Side, key: Digest, seq: number, { reason, counts }: JudgedValue): void {
    const known = this.#table.get(key)
    if (known === undefined && counts !== 'differ') return
    const said = withReason(side, known?.low ?? 0, reason)
    if (!this.#table.set(key, { high: seq, low: said })) this.leftOut++
  }

  learn(key: Digest, { reason }: JudgedValue): void {
    const known = this.#table.get(key)
    if (known !== undefined) this.#table.set(key, { ...known, low: withReason('before', known.low, reason) })
  }

  /** Whether this row has the last word on a value that differed once; before only where nobody asked for it since. */
  isLast(side: Side, key: Digest, seq: number): boolean {
    const known = this.#table.get(key)
    if (known === undefined || known.high !== seq) return false
    return (reasonIn('now', known.low) === null) === (side === 'before')
  }

  before(key: Digest): ReasonCode | null {
    return reasonIn('before', this.#table.get(key)?.low ?? 0)
  }
}

const reasonCodes = Object.keys(reasons) as ReasonCode[]
const shifts: Record<Side, number> = { before: 0, now: 8 }

/** Eight bits a side: one more than the place of the reason, or 0. */
function withReason(side: Side, said: number, reason: ReasonCode): number {
  const shift = shifts[side]
  return (said & ~(0xff << shift)) | ((reasonCodes.indexOf(reason) + 1) << shift)
}

function reasonIn(side: Side, said: number): ReasonCode | null {
  return reasonCodes[((said >> shifts[side]) & 0xff) - 1] ?? null
}
