import { occurrenceField } from '../braze/fields.ts'
import type { Account } from '../model/account.ts'
import { type Digest, digestOf, Digests } from '../model/digests.ts'
import { type Bucket, type ReasonCode, reasons } from '../model/verdict.ts'
import { type Change, type ChangeCounts, type Changed, changeNames, changes } from './changes.ts'
import { type JudgedValue, judgedValues } from './judged.ts'

/** The accounts of a run in input order; can be read several times. */
type Accounts = () => AsyncIterable<Account>

/**
 * Compares two runs, value by value. Of attributes the last row of a user counts, as it does for the profile; events and
 * purchases are the same if user, name and time are. Only values that differed at least once are kept, in sixteen bytes
 * each, so each run is read twice instead of being kept in memory. Values that are no longer requested come first, in the
 * order of the earlier run; all others in the order of this one.
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
    // A value that only differs in the later run was skipped in the first pass.
    values.learn(key, value)
    if (!values.isLast('before', key, account.seq) || value.counts !== 'differ') continue
    counts.notCompared++
    await add({ change: 'not_compared', account, value, before: value.reason, isRemoved: true })
  }
  for await (const { account, value, key } of each(now)) {
    if (!values.isLast('now', key, account.seq)) continue
    const earlier = values.before(key)
    const change = changeOf(earlier === null ? null : reasons[earlier].counts, value.counts)
    if (change === null) continue
    counts[changes[change].key]++
    await add({ change, account, value, before: earlier, isRemoved: false })
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

/** The reason of each value in either run, if any. Its place is that of its last row in this run, else in the earlier one. */
class Values {
  /** Differing values beyond the limit of the table. */
  leftOut = 0
  readonly #table: Digests

  constructor(table: Digests) {
    this.#table = table
  }

  see(side: Side, key: Digest, seq: number, { reason, counts }: JudgedValue): void {
    const known = this.#table.get(key)
    if (known === undefined && counts !== 'differ') return
    const earlier = withReason(side, known?.low ?? 0, reason)
    if (!this.#table.set(key, { high: seq, low: earlier })) this.leftOut++
  }

  learn(key: Digest, { reason }: JudgedValue): void {
    const known = this.#table.get(key)
    if (known !== undefined) this.#table.set(key, { ...known, low: withReason('before', known.low, reason) })
  }

  /** Whether this row is the last one to set a value that differed; in the earlier run only if this one does not set it. */
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

/** Eight bits per run: the index of the reason plus one, or 0. */
function withReason(side: Side, earlier: number, reason: ReasonCode): number {
  const shift = shifts[side]
  return (earlier & ~(0xff << shift)) | ((reasonCodes.indexOf(reason) + 1) << shift)
}

function reasonIn(side: Side, earlier: number): ReasonCode | null {
  return reasonCodes[((earlier >> shifts[side]) & 0xff) - 1] ?? null
}
