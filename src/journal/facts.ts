import type { RunFacts } from '../model/run-facts.ts'
import type { Entry } from './entry.ts'
import { unpackRaw } from './raw.ts'

/** Facts with nothing in them yet. */
export function noFacts(): RunFacts {
  return {
    run: '',
    version: '',
    target: '',
    limitPerMinute: null,
    startedAt: 0,
    finishedAt: 0,
    status: null,
    stop: null,
    inputs: [],
    planned: null,
    requests: {
      sent: 0,
      answered: 0,
      retried: 0,
      rateLimited: 0,
      firstAt: 0,
      lastAt: 0,
      latency: new Uint32Array(120_001),
    },
  }
}

/** Adds to the facts what one line of the journal says of the run. */
export function tellFacts(facts: RunFacts, entry: Entry): void {
  const { requests } = facts
  facts.finishedAt = entry.at
  switch (entry.t) {
    case 'run': {
      const { run, version, target, limitPerMinute, inputs, at } = entry
      Object.assign(facts, { run, version, target, limitPerMinute, inputs, startedAt: at })
      break
    }
    case 'planned': {
      const files = entry.files.map(file => ({
        ...file,
        header: file.header === null ? null : unpackRaw(file.header),
      }))
      facts.planned = { objects: entry.objects, files }
      break
    }
    case 'sent':
      requests.sent++
      if (entry.attempt > 1) requests.retried++
      if (requests.firstAt === 0) requests.firstAt = entry.at
      requests.lastAt = entry.at
      break
    case 'answered': {
      requests.answered++
      if (entry.status === 429) requests.rateLimited++
      const slot = Math.min(requests.latency.length - 1, Math.max(0, Math.round(entry.ms)))
      requests.latency[slot] = (requests.latency[slot] ?? 0) + 1
      break
    }
    case 'end':
      facts.status = entry.status
      facts.stop = entry.stop
      break
    case 'lost':
    case 'refused':
      break
  }
}
