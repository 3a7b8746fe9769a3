import type { Stop } from '../model/exit.ts'
import type { RunFacts } from '../model/run-facts.ts'
import { OverTime } from './activity.ts'
import { type Entry, type LookupEntry, type PlannedEntry, type StopEntry, unpackRaw } from './entry.ts'

/** Gathers from the lines of a journal what they say of the run as a whole. */
export class Facts {
  readonly #overTime = new OverTime()
  readonly facts: RunFacts = { ...noFacts(), timeline: this.#overTime.timeline }
  /** When the leg began, its latest line was written, and its latest request left. */
  #leg = { beganAt: 0, lastAt: 0, sentAt: 0 }

  add(entry: Entry): void {
    const { facts } = this
    const awayMs = facts.finishedAt === 0 ? 0 : Math.max(0, entry.at - facts.finishedAt)
    if (entry.t === 'run') facts.startedAt = entry.at
    if (entry.t === 'run' || entry.t === 'resumed')
      this.#leg = { beganAt: entry.at, lastAt: entry.at, sentAt: 0 }
    facts.activeMs += Math.max(0, entry.at - this.#leg.lastAt)
    this.#leg.lastAt = entry.at
    facts.finishedAt = entry.at
    this.#overTime.add(entry, facts.activeMs, awayMs)
    switch (entry.t) {
      case 'run': {
        const { run, version, target, limitPerMinute, inputs } = entry
        const isAudit = entry.audits === true
        Object.assign(facts, { run, version, target, limitPerMinute, inputs, isAudit })
        return
      }
      case 'planned':
        facts.planned = plannedOf(entry)
        return
      case 'resumed': {
        const { version, limitPerMinute } = entry
        Object.assign(facts, {
          version,
          limitPerMinute,
          status: null,
          stop: null,
          resumes: facts.resumes + 1,
        })
        return
      }
      case 'end':
        facts.status = entry.status
        facts.stop = entry.stop === null ? null : stopOf(entry.stop)
        facts.waitedForLanesMs += entry.waitedForLanesMs
        facts.unread = entry.unread ?? 0
        return
      case 'lookup':
        this.#addLookup(entry)
        return
      case 'export': {
        const { users, unusable, problems } = entry
        facts.exported = { users, unusable, problems }
        facts.lookups.users += users
        facts.lookups.failed += unusable
        return
      }
      case 'observed':
        if (entry.outcome !== undefined) facts.lookups.settled++
        return
      case 'sent':
      case 'answered':
      case 'lost':
      case 'refused':
        this.#addRequest(entry)
    }
  }

  #addLookup({ users, status, reason }: LookupEntry): void {
    const { lookups } = this.facts
    lookups.requests++
    if (status === null || status >= 300 || reason !== undefined) lookups.failed++
    else lookups.users += users
  }

  #addRequest(entry: Entry & { t: 'sent' | 'answered' | 'lost' | 'refused' }): void {
    const { requests } = this.facts
    if (entry.t === 'lost' || entry.t === 'refused') return
    // One request that carries several objects has a line for each.
    if (entry.with !== undefined) {
      if (entry.t === 'sent' && entry.attempt === 1) requests.coalesced++
      return
    }
    if (entry.t === 'sent') {
      requests.sent++
      if (entry.attempt > 1) requests.retried++
      if (this.#leg.sentAt > 0) {
        requests.gaps++
        requests.gapsMs += entry.at - this.#leg.sentAt
      }
      this.#leg.sentAt = entry.at
      return
    }
    requests.answered++
    if (entry.status === 429) requests.rateLimited++
    const slot = Math.min(requests.latency.length - 1, Math.max(0, Math.round(entry.ms)))
    requests.latency[slot] = (requests.latency[slot] ?? 0) + 1
  }
}

function noFacts(): Omit<RunFacts, 'timeline'> {
  return {
    run: '',
    version: '',
    target: '',
    limitPerMinute: null,
    startedAt: 0,
    finishedAt: 0,
    status: null,
    stop: null,
    activeMs: 0,
    resumes: 0,
    inputs: [],
    isAudit: false,
    planned: null,
    requests: {
      sent: 0,
      answered: 0,
      retried: 0,
      rateLimited: 0,
      coalesced: 0,
      gapsMs: 0,
      gaps: 0,
      latency: new Uint32Array(120_001),
    },
    lookups: { requests: 0, users: 0, failed: 0, settled: 0 },
    exported: null,
    waitedForLanesMs: 0,
    unread: 0,
    damage: null,
  }
}

function plannedOf({ objects, invalid, types, files, busiest }: PlannedEntry): RunFacts['planned'] {
  const unpacked = files.map(file => {
    return { ...file, header: file.header === null ? null : unpackRaw(file.header) }
  })
  return { objects, invalid, types, files: unpacked, ...(busiest === undefined ? {} : { busiest }) }
}

function stopOf({ resumeWith, ...stop }: StopEntry): Stop {
  if (resumeWith === undefined) return stop
  if (typeof resumeWith !== 'string') return { ...stop, resumeWith }
  const [, name = '', value] = /^--([a-z-]+) (\S+)$/.exec(resumeWith) ?? []
  return value === undefined ? stop : { ...stop, resumeWith: { [name]: value } }
}
