import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSandbox, type Fault, type FaultKind, faultKinds } from '../../src/index.ts'
import { main } from '../support/cli.ts'
import { readCsv } from '../support/run-folder.ts'

/** Requests in flight at most. */
export const inFlightMax = 8

export interface Killing {
  /** Times the process is killed; afterwards the run may end. */
  kills: number
  events: number
  users: number
  faults: Fault[]
  seed: number
  /** A process lives at most so long before it is killed. */
  livesMs: number
}

/** What became of a run of events whose process was killed again and again. */
export interface Survived {
  kills: number
  events: number
  exitCode: number | null
  outcomes: Record<string, number>
  /** Events that the API applied more than once. */
  appliedTwice: string[]
  /** Events that were neither applied nor reported as something else than done. */
  forgotten: string[]
  /** Reported as done and not applied, or as not sent and applied. */
  untrue: string[]
  /** Reported as unknown although they were well answered, and not under way when a process was killed. */
  needlesslyUnknown: string[]
  /** The most requests that any process had under way when it was killed: each may have lost one answer, no more. */
  mostUnderWay: number
  /** Lines of `rows.csv` that are not exactly the rows of the input, in its order. */
  isComplete: boolean
}

/** Imports events with faults, kills the process at random moments, resumes it each time, and counts. */
export async function killAndResume({
  kills,
  events,
  users,
  faults,
  seed,
  livesMs,
}: Killing): Promise<Survived> {
  const random = sequence(seed)
  const folder = mkdtempSync(join(tmpdir(), 'track-sync-kill-'))
  const lines = Array.from({ length: events }, (_, i) => {
    return `{"external_id":"u${Math.floor(random() * users)}","name":"n","time":"2024-01-01","properties":{"id":${i}}}`
  })
  writeFileSync(join(folder, 'events.ndjson'), `${lines.join('\n')}\n`)
  const applied = new Map<string, number>()
  const struck = new Set<string>()
  const sandbox = await createSandbox({
    limit: 'off',
    latency: { p50: 40, p95: 150 },
    faults,
    seed,
    onCall: ({ body, status, fault }) => {
      const id = /"id":(\d+)/.exec(body)?.[1] ?? ''
      const isApplied = fault === undefined ? status === 201 : faultKinds[fault satisfies FaultKind].applies
      if (isApplied) applied.set(id, (applied.get(id) ?? 0) + 1)
      if (status !== 201 || fault !== undefined) struck.add(id)
    },
  })
  const env = { ...process.env, BRAZE_API_URL: sandbox.url, BRAZE_API_KEY: 'k' }
  const policies = [
    '--rate',
    'off',
    '--concurrency',
    String(inFlightMax),
    '--max-errors',
    '100%',
    '--max-retries',
    '100000',
  ]
  const journal = join(folder, 'reports/run/journal.ndjson')
  let killed = 0
  let exitCode: number | null = null
  try {
    for (;;) {
      const begun = existsSync(journal) && readFileSync(journal).length > 0
      const command = begun ? ['resume', 'run'] : ['import', 'events.ndjson', '--run-id', 'run']
      if (!begun) rmSync(join(folder, 'reports/run'), { recursive: true, force: true })
      const child = spawn(process.execPath, [main, ...command, ...policies, '--quiet'], {
        cwd: folder,
        env,
        stdio: 'ignore',
      })
      const exit = once(child, 'exit') as Promise<[number | null]>
      if (killed < kills) {
        const timer = setTimeout(() => child.kill('SIGKILL'), random() * livesMs)
        const [code] = await exit
        clearTimeout(timer)
        if (code === null) {
          killed++
          continue
        }
        exitCode = code
      } else [exitCode] = await exit
      break
    }
    const rows = readCsv(join(folder, 'reports/run/rows.csv'))
    const outcomes: Record<string, number> = {}
    const legs = openAtEnd(readFileSync(journal, 'utf8'))
    const openAtDeath = new Set(legs.flatMap(open => [...open]))
    const found: Survived = {
      kills: killed,
      events,
      exitCode,
      outcomes,
      appliedTwice: [...applied].filter(([, times]) => times > 1).map(([id]) => id),
      forgotten: [],
      untrue: [],
      needlesslyUnknown: [],
      mostUnderWay: Math.max(...legs.map(open => open.size)),
      isComplete: rows.length === events && rows.every((row, i) => row['row'] === String(i + 1)),
    }
    for (const [i, row] of rows.entries()) {
      const [id, outcome = ''] = [String(i), row['outcome']]
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
      const times = applied.get(id) ?? 0
      const isDone = ['verified', 'mismatched', 'unverifiable'].includes(outcome)
      if (times === 0 && outcome === 'not_sent') found.forgotten.push(id)
      if (isDone !== times > 0 && outcome !== 'unknown')
        found.untrue.push(`${id} ${outcome}, applied ${times}`)
      if (outcome !== 'unknown' || struck.has(id)) continue
      if (!openAtDeath.has(i)) found.needlesslyUnknown.push(id)
    }
    return found
  } finally {
    await sandbox.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Of each process, the objects whose request is on record and whose answer is not. */
function openAtEnd(journal: string): Set<number>[] {
  const legs: Set<number>[] = []
  for (const line of journal.split('\n').filter(text => text !== '')) {
    const { t, seq } = JSON.parse(line) as { t: string; seq: number }
    if (t === 'run' || t === 'resumed') legs.push(new Set())
    if (t === 'sent') legs.at(-1)?.add(seq)
    if (t === 'answered' || t === 'lost' || t === 'refused') legs.at(-1)?.delete(seq)
  }
  return legs
}

/** Numbers from 0 to 1, the same for the same seed. */
function sequence(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
