import type { Account } from '../model/account.ts'
import { type Exit, exits, winningExit } from '../model/exit.ts'
import { outcomeNames, outcomes } from '../model/outcome.ts'
import type { RunFacts } from '../model/run-facts.ts'
import type { Summary } from '../model/summary.ts'
import type { Verdict } from '../model/verdict.ts'
import type { JudgedValue } from './judged.ts'

const verdictKeys: Record<Verdict, Exclude<keyof Summary['values'], 'total'>> = {
  match: 'match',
  equivalent: 'equivalent',
  unverifiable: 'unverifiable',
  changed: 'changed',
  not_applied: 'notApplied',
  unknown: 'unknown',
}

/** Adds up a run, account by account. */
export class Tally {
  readonly #objects: Summary['objects'] = {
    total: 0,
    verified: 0,
    unverifiable: 0,
    mismatched: 0,
    rejected: 0,
    invalid: 0,
    unknown: 0,
    held: 0,
    unchanged: 0,
    notSent: 0,
  }
  readonly #values: Summary['values'] = {
    total: 0,
    match: 0,
    equivalent: 0,
    unverifiable: 0,
    changed: 0,
    notApplied: 0,
    unknown: 0,
  }
  #overtaken = 0
  readonly #reasons = new Map<string, number>()
  readonly #fields = new Map<string, Summary['fields'][string]>()

  add(account: Account, values: JudgedValue[]): void {
    this.#objects.total++
    this.#objects[outcomes[account.outcome].key]++
    if (account.overtakenBy !== null) this.#overtaken++
    for (const { field, verdict, reason, counts } of values) {
      this.#values.total++
      this.#values[verdictKeys[verdict]]++
      this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1)
      const entry = this.#fields.get(field) ?? { total: 0, match: 0, differ: 0, unverifiable: 0 }
      entry.total++
      entry[counts]++
      this.#fields.set(field, entry)
    }
  }

  /**
   * The summary of the run. Throws if the accounts do not add up to the plan: a report that does not add up is worse than
   * none.
   */
  summary(facts: RunFacts): Summary {
    const objects = { ...this.#objects }
    const planned = facts.planned?.objects ?? objects.total
    if (objects.total > planned || (objects.total + facts.unread < planned && facts.status !== null)) {
      throw new Error(
        `The journal has ${objects.total} objects, but the plan had ${planned}: a report would be wrong.`,
      )
    }
    const { damage } = facts
    const unmentioned = planned - objects.total
    // A killed run, or one whose file was truncated, did not record the rows it had not reached. If the journal is damaged,
    // they may have been recorded and sent.
    objects[damage === null ? 'notSent' : 'unknown'] += unmentioned
    objects.total = planned
    return {
      run: facts.run,
      version: facts.version,
      status: facts.status ?? 'interrupted',
      exitCode: exits[exitOf(facts, objects)].code,
      target: facts.target,
      startedAt: new Date(facts.startedAt).toISOString(),
      finishedAt: new Date(facts.finishedAt).toISOString(),
      durationMs: facts.activeMs,
      inputs: (facts.planned?.files ?? []).map(({ path, bytes, sha256, rows }) => ({
        path,
        bytes,
        sha256,
        rows,
      })),
      objects,
      overtaken: this.#overtaken,
      values: { ...this.#values },
      reasons: Object.fromEntries([...this.#reasons].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))),
      fields: Object.fromEntries(this.#fields),
      mode: facts.isAudit ? 'audit' : 'import',
      lookups: { ...facts.lookups },
      requests: requestFigures(facts),
      ...(damage === null ? {} : { damage: { ...damage, rows: unmentioned } }),
    }
  }
}

/** With a damaged journal the end of the run is unknown, and the run cannot be resumed. */
function exitOf({ stop, status, damage }: RunFacts, objects: Summary['objects']): Exit {
  const applying = new Set<Exit>()
  if (damage !== null) applying.add('unknown')
  else if (stop !== null) applying.add(stop.exit)
  else if (status === null) applying.add('interrupted')
  if (objects.unknown > 0) applying.add('unknown')
  const attention = outcomeNames.some(name => outcomes[name].attention && objects[outcomes[name].key] > 0)
  if (attention) applying.add('attention')
  return winningExit(applying)
}

function requestFigures({ requests, limitPerMinute }: RunFacts): Summary['requests'] {
  const { sent, answered, retried, rateLimited, coalesced, gaps, gapsMs, latency } = requests
  const perMinute = gapsMs > 0 ? Math.round((gaps * 600_000) / gapsMs) / 10 : sent
  const at = (part: number) => percentile(latency, answered, part)
  const latencyMs = { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) }
  return { sent, answered, retried, rateLimited, coalesced, perMinute, limitPerMinute, latencyMs }
}

function percentile(counts: Uint32Array, total: number, part: number): number {
  let left = Math.ceil(total * part)
  for (const [ms, count] of counts.entries()) {
    left -= count
    if (count > 0 && left <= 0) return ms
  }
  return 0
}
