import { createHash } from 'node:crypto'
import type { Exchange } from '../model/exchange.ts'
import type { JsonObject } from '../model/json.ts'
import type { Outcome } from '../model/outcome.ts'
import { inferredTypes, type Plan } from '../model/plan.ts'
import type { Stop } from '../model/stop.ts'
import type { TrackObject } from '../model/track-object.ts'
import type { ReasonCode } from '../model/verdict.ts'
import { version } from '../model/version.ts'
import { journalVersion } from './entry.ts'
import type { Journal } from './file.ts'
import { exchangeLine, refusedLine, sentLine } from './lines.ts'
import { packRaw } from './raw.ts'

/** What a run is told at its beginning. */
export interface RunHead {
  run: string
  target: string
  key: string
  settings: JsonObject
  limitPerMinute: number | null
}

/** What became of one object, as reconciliation sees it. */
interface Ending {
  outcome: Outcome
  reasons: ReasonCode[]
  user: JsonObject | null
  message: string
}

/** The journal in the words of a run: what happens is written down as it happens. */
export class Book {
  readonly #journal: Journal
  readonly #now: () => number

  constructor(journal: Journal, now: () => number) {
    this.#journal = journal
    this.#now = now
  }

  /** The run and its plan. Of the key, a fingerprint. */
  begin({ key, ...head }: RunHead, plan: Plan): void {
    this.#journal.write({
      t: 'run',
      at: this.#now(),
      journal: journalVersion,
      version,
      ...head,
      keyFingerprint: createHash('sha256').update(key).digest('hex').slice(0, 16),
      inputs: plan.files.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 })),
    })
    this.#journal.write({
      t: 'planned',
      at: this.#now(),
      objects: plan.objects,
      files: plan.files.map(({ path, format, rows, header }) => {
        return { path, format, rows, header: header === null ? null : packRaw(header) }
      }),
      types: inferredTypes(plan.columns),
    })
  }

  /** A request is about to leave; it may once this resolves. */
  async sending(object: TrackObject, attempt: number): Promise<void> {
    this.#journal.write(sentLine(object, attempt, this.#now()))
    await this.#journal.durable()
  }

  /** An exchange that did not end its object. */
  failed(object: TrackObject, exchange: Exchange): void {
    this.#journal.write(exchangeLine(object.seq, exchange, this.#now()))
  }

  settled(object: TrackObject, exchange: Exchange, ending: Ending): void {
    this.#journal.write(exchangeLine(object.seq, exchange, this.#now(), ending))
  }

  unsent(object: TrackObject, outcome: 'held' | 'not_sent', message: string): void {
    this.#journal.write(refusedLine(object, outcome, outcome, message, this.#now()))
  }

  invalid(object: TrackObject): void {
    const message = object.problems.map(problem => problem.message).join(' ')
    this.#journal.write(refusedLine(object, 'invalid', object.problems[0]?.code ?? '', message, this.#now()))
  }

  /** The run is over, or this process leaves it. */
  async end(stop: Stop | null): Promise<void> {
    const stopped = stop?.exit === 'stopped' || stop?.exit === 'refused'
    const status = stop === null ? 'finished' : stopped ? 'stopped' : 'interrupted'
    this.#journal.write({ t: 'end', at: this.#now(), status, stop })
    await this.#journal.close()
  }
}
