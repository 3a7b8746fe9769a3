import { join } from 'node:path'
import { systemClock } from './deliver/clock.ts'
import { deliver } from './deliver/deliver.ts'
import { createPace } from './deliver/pace.ts'
import { createPermits } from './deliver/permits.ts'
import { checkTarget, createPost } from './deliver/post.ts'
import { Book } from './journal/book.ts'
import { noFacts } from './journal/facts.ts'
import { createJournal, readJournal } from './journal/file.ts'
import { createRunFolder, journalName, removeRunFolder } from './journal/folder.ts'
import { replay } from './journal/replay.ts'
import { Mapper } from './map/map.ts'
import { perMinute } from './model/exchange.ts'
import { type Outcome, outcomes } from './model/outcome.ts'
import { inferredTypes, type Plan, type PlanFile } from './model/plan.ts'
import { countEnded, newProgress, overBudget } from './model/progress.ts'
import { defaultReadings, type Readings } from './model/readings.ts'
import type { RunFacts } from './model/run-facts.ts'
import type { Stop } from './model/stop.ts'
import type { Summary } from './model/summary.ts'
import type { TrackObject } from './model/track-object.ts'
import { checkCounts, defaults, type ImportOptions, type PlanOptions, settingsOf } from './options.ts'
import { fingerprint, openSources, type Source } from './parse/open.ts'
import { parse } from './parse/parse.ts'
import { Memory, reconcile } from './reconcile/reconcile.ts'
import { writeReport } from './report/write.ts'
import { check } from './validate/check.ts'
import { Forecast } from './validate/forecast.ts'

/** The receipt of a run: where its files lie, and what they say. */
export interface Receipt {
  folder: string
  summary: Summary
  facts: RunFacts
}

/** Reads everything, sends nothing: what a run would do. */
export async function plan(options: PlanOptions): Promise<Plan> {
  const sources = await openSources(options.files)
  const mapper = new Mapper(options, null)
  const forecast = new Forecast(systemClock.now(), found => mapper.columnOf(found), readingsOf(options))
  const files: PlanFile[] = []
  for (const source of sources) {
    const { format, headerRaw: header, objects } = await read(source, options, mapper)
    let rows = 0
    for await (const batch of objects) {
      forecast.add(batch)
      rows = batch.at(-1)?.row ?? rows
    }
    files.push({ ...(await fingerprint(source)), format, rows, header })
  }
  return { files, ...forecast.figures(perMinute(options.rate ?? defaults.rate), mapper.columns()) }
}

/** The whole river: plan, deliver, reconcile, report. It ends with a receipt, whatever happened on the way. */
export async function importFiles(options: ImportOptions): Promise<Receipt> {
  const clock = systemClock
  const startedAt = clock.now()
  const url = checkTarget(options.url, options.key)
  checkCounts(options)
  const target = options.target ?? url.origin
  const { key, rate = defaults.rate, runsDir = defaults.runsDir, stop = new AbortController() } = options
  const sources = await openSources(options.files)
  const { id, folder } = await createRunFolder(runsDir, options.runId, sources[0]?.name ?? '', startedAt)

  const planned = options.plan ?? (await plan(options).catch(leaveNothing(folder)))
  const book = new Book(await createJournal(join(folder, journalName)), clock.now)
  book.begin(
    { run: id, target, key, settings: settingsOf(options), limitPerMinute: perMinute(rate) },
    planned,
  )
  options.onPlan?.(planned, folder)

  const memory = new Memory()
  const readings = readingsOf(options)
  const progress = newProgress(planned.objects, startedAt)
  const pace = createPace(rate, createPermits(rate), clock)
  const { post, close } = createPost({ url, key, connections: options.concurrency ?? defaults.concurrency })
  let errors = planned.invalid
  const spendBudget = () => {
    const over = overBudget(errors, options.maxErrors ?? defaults.maxErrors, planned.objects)
    if (over !== undefined && !stop.signal.aborted) stop.abort(over)
  }
  const ended = (outcome: Outcome) => {
    countEnded(progress, outcome)
    if (outcomes[outcome].errorBudget && outcome !== 'invalid') errors++
    spendBudget()
    options.onProgress?.({ ...progress, pausedUntil: pace.pausedUntil() })
  }

  spendBudget()
  try {
    await deliver(
      sendable(sources, options, planned, object => (book.invalid(object), ended('invalid'))),
      {
        ...defaults,
        ...options,
        host: target,
        lanesOf: object => [object.user === '' ? `nobody ${object.seq}` : object.user],
        post,
        pace,
        clock,
        random: Math.random,
        stop,
        sending: async (object, attempt) => {
          await book.sending(object, attempt)
          progress.requests++
        },
        failed: (object, exchange) => book.failed(object, exchange),
        settled: (object, exchange) => {
          const judged = reconcile(object, exchange, clock.now(), memory, readings)
          book.settled(object, exchange, judged)
          ended(judged.outcome)
        },
        unsent: (object, outcome, message) => {
          book.unsent(object, outcome, message)
          ended(outcome)
        },
      },
    )
  } finally {
    await close()
    await book.end(stop.signal.aborted ? (stop.signal.reason as Stop) : null)
  }
  return await report(folder)
}

/** The report of a run, made anew from its journal alone: no input, no network. */
export async function report(folder: string): Promise<Receipt> {
  const facts = noFacts()
  const summary = await writeReport(folder, replay(readJournal(join(folder, journalName)), facts), facts)
  return { folder, summary, facts }
}

/** The upper river: bytes → rows → track objects → checked track objects, in input order. */
async function read(source: Source, options: PlanOptions, mapper: Mapper) {
  const file = await parse(source.name, source.chunks(), options)
  async function* objects(): AsyncGenerator<TrackObject[]> {
    for await (const batch of mapper.map(file)) yield batch.map(check)
  }
  return { ...file, objects: objects() }
}

/** All objects that may be sent; the others are told and go no further. */
async function* sendable(
  sources: Source[],
  options: PlanOptions,
  planned: Plan,
  tell: (invalid: TrackObject) => void,
) {
  const mapper = new Mapper(options, inferredTypes(planned.columns))
  for (const source of sources) {
    const { objects } = await read(source, options, mapper)
    for await (const batch of objects) {
      yield batch.filter(object => {
        const sound = object.problems.length === 0
        if (!sound) tell(object)
        return sound
      })
    }
  }
}

function readingsOf(options: PlanOptions): Readings {
  return { ...defaultReadings, ...options.readings }
}

/** A plan that fails leaves no run behind. */
function leaveNothing(folder: string): (error: unknown) => Promise<never> {
  return async error => {
    await removeRunFolder(folder)
    throw error
  }
}
