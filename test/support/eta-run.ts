import { JournalWriter } from '../../src/journal/writer.ts'
import type { Entry } from '../../src/journal/entry.ts'
import { journalStart } from '../../src/journal/line.ts'
import { RunState } from '../../src/journal/run-state.ts'
import type { Post } from '../../src/model/exchange.ts'
import { plannedRun } from '../../src/model/plan.ts'
import type { Progress } from '../../src/model/progress.ts'
import type { ImportOptions } from '../../src/options.ts'
import { type FingerprintedSource, fingerprinted } from '../../src/parse/fingerprinted-source.ts'
import { Memory } from '../../src/reconcile/reconcile.ts'
import { survey } from '../../src/run/survey.ts'
import type { Ready } from '../../src/run/ready.ts'
import { send } from '../../src/run/send.ts'
import { Befores } from '../../src/run/settle-unknown.ts'
import { SimulatedClock } from './simulated-clock.ts'

/** A run in simulated time. */
export interface Scene {
  /** The user of each row, in input order; a row without one is invalid. */
  users: string[]
  /** Milliseconds until the next response. */
  latency: () => number
  /** The response of the host at a moment; success by default. */
  host?: (now: number) => { status: number; headers: Record<string, string> }
  options?: Partial<ImportOptions>
  startsAt?: string
  /** The process is stopped after this many rows, and the run is resumed. */
  stopAfter?: number
}

/** The estimates during a run, and when it really ended. */
export interface EtaRun {
  /** The estimate before the first request. */
  initial: number | null
  estimates: { at: number; endsAt: number }[]
  startedAt: number
  endedAt: number
  requests: number
}

/** Runs the scene in simulated time and records the estimate every few seconds. */
export async function runWithEta(scene: Scene): Promise<EtaRun> {
  const clock = new SimulatedClock(Date.parse(scene.startsAt ?? '2024-05-06T07:08:09Z'))
  const source = sourceOf(scene.users)
  const plan = await survey([source], { files: [source] }, clock.now())
  const entries: Entry[] = []
  const url = new URL('http://127.0.0.1:9')
  const options = { files: [source], url: url.href, key: 'k', maxErrors: { percent: 100 }, ...scene.options }
  const head = { run: 'r', target: 't', url: url.href, settings: {}, limitPerMinute: 500, cwd: '/', key: 'k' }
  let run: EtaRun = { initial: null, estimates: [], startedAt: 0, endedAt: 0, requests: 0 }

  async function runProcess(stopAfter: number): Promise<void> {
    const stop = new AbortController()
    const journal = new JournalWriter(
      { write: entry => entries.push(entry), durable: async () => {}, close: async () => {} },
      clock.now,
    )
    const state = new RunState()
    for (const entry of entries) state.add({ entry, from: journalStart, to: journalStart })
    state.close()
    if (entries.length === 0) {
      journal.begin({ ...head, inputs: [source.name], mapping: null })
      journal.planned(plannedRun(plan))
    } else journal.resume({ settings: {}, limitPerMinute: 500, key: 'k' })
    run = { initial: null, estimates: [], startedAt: clock.now(), endedAt: 0, requests: 0 }
    function onProgress({ endsAt, ended, requests }: Readonly<Progress>): void {
      run.requests = requests
      const before = run.estimates.at(-1)?.at ?? Number.NEGATIVE_INFINITY
      if (endsAt !== null && clock.now() - before >= 5000) run.estimates.push({ at: clock.now(), endsAt })
      if (ended >= stopAfter) stop.abort({ exit: 'interrupted', message: 'Interrupted.' })
    }
    const ready: Ready = {
      folder: '',
      clock,
      url,
      options: {
        ...options,
        onProgress,
        onStart: ({ endsAt }) => {
          run.initial = endsAt
        },
      },
      sources: [source],
      planned: plannedRun(plan),
      state,
      memory: new Memory(),
      befores: new Befores(),
      onlyUnknown: false,
      baseline: null,
      journal,
      stop,
    }
    const postBy = () => ({ post: postOf(scene, clock), close: async () => {} })
    await clock.finish(send(ready, postBy))
    run.endedAt = clock.now()
  }

  if (scene.stopAfter !== undefined) await runProcess(scene.stopAfter)
  await runProcess(Number.POSITIVE_INFINITY)
  return run
}

function postOf({ latency, host }: Scene, clock: SimulatedClock): Post {
  return async body => {
    const { status, headers } = host?.(clock.now()) ?? { status: 201, headers: {} }
    await clock.sleep(status === 429 ? 20 : latency())
    const [object] = (JSON.parse(body) as { attributes: Record<string, unknown>[] }).attributes
    const echo = {
      users: [{ external_id: object?.['external_id'], custom_attributes: object }],
      message: 'success',
    }
    return { answer: { status, headers, body: status === 201 ? JSON.stringify(echo) : '{}', complete: true } }
  }
}

function sourceOf(users: string[]): FingerprintedSource {
  return fingerprinted({
    name: 'rows.csv',
    chunks: async function* () {
      yield Buffer.from(`external_id,n\n${users.map((user, i) => `${user},${i}\n`).join('')}`)
    },
  })
}

/** A reproducible sequence of random numbers from 0 to 1. */
export function draws(seed: number): () => number {
  let state = seed
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32
}
