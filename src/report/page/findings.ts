import type { Account } from '../../model/account.ts'
import type { Encoding } from '../../model/row.ts'
import type { RunFacts } from '../../model/run-facts.ts'
import type { Bucket, ReasonCode } from '../../model/verdict.ts'
import type { JudgedValue } from '../judged.ts'
import { differingRow } from './differing.ts'
import { List } from './list.ts'
import { OutcomesOverTime } from './outcomes-over-time.ts'
import { causeOf, Causes, isListed, type Listed, listed, unsettledRow } from './unsettled.ts'

/** Bytes that lists may take, so that the page stays under 3 MB whatever the run. */
const differingBytesMax = 1_000_000
const rowsBytesMax = 300_000

/** What needs attention, collected from the accounts of a run; its size does not grow with the run. */
export class Findings {
  /** The differing values of mismatched objects. */
  readonly differing = new List(differingBytesMax)
  /** What that list can be filtered by. */
  readonly differingFields = new Set<string>()
  readonly differingReasons = new Set<ReasonCode>()
  /** The objects that were not applied, or may not have been, by outcome. */
  readonly rows = Object.fromEntries(
    listed.map(outcome => [outcome, { list: new List(rowsBytesMax), causes: new Causes() }]),
  ) as Record<Listed, { list: List; causes: Causes }>
  /** How often each reason occurs in a field, by bucket. */
  readonly reasonsOf = new Map<string, Record<Bucket, Map<ReasonCode, number>>>()
  readonly overTime: OutcomesOverTime
  readonly #facts: RunFacts

  constructor(facts: RunFacts) {
    this.#facts = facts
    this.overTime = new OutcomesOverTime(facts)
  }

  add(account: Account, values: JudgedValue[]): void {
    const { outcome } = account
    const { inputs } = this.#facts
    this.overTime.add(account)
    for (const value of values) {
      this.#addReason(value)
      if (outcome !== 'mismatched' || value.counts !== 'differ') continue
      this.differingFields.add(value.field)
      this.differingReasons.add(value.reason)
      this.differing.add(() => differingRow(account, value, inputs))
    }
    if (!isListed(outcome)) return
    this.rows[outcome].causes.add(causeOf(account))
    this.rows[outcome].list.add(() => unsettledRow(account, inputs, this.#encodingOf(account.file)))
  }

  /** How the records of a file are written; those of JSON come in UTF-8, whatever the file. */
  #encodingOf(path: string): Encoding {
    const file = this.#facts.planned?.files.find(one => one.path === path)
    return file?.format === 'csv' ? file.encoding : 'utf-8'
  }

  #addReason({ field, reason, counts }: JudgedValue): void {
    const found = this.reasonsOf.get(field) ?? {
      match: new Map(),
      differ: new Map(),
      unverifiable: new Map(),
    }
    this.reasonsOf.set(field, found)
    found[counts].set(reason, (found[counts].get(reason) ?? 0) + 1)
  }
}
