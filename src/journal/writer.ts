import { createHash } from 'node:crypto'
import type { Exchange } from '../model/exchange.ts'
import type { Stop } from '../model/exit.ts'
import type { PlannedRun } from '../model/plan.ts'
import type { TrackObject } from '../model/track-object.ts'
import { version } from '../model/version.ts'
import {
  type ExportEntry,
  journalVersion,
  type LookupEntry,
  type ObservedEntry,
  packRaw,
  type ResumedEntry,
  type RunEntry,
} from './entry.ts'
import type { Journal } from './file.ts'
import { Lifecycle, type ObjectLine } from './lifecycle.ts'
import {
  type Earlier,
  type Ending,
  exchangeLine,
  type Observed,
  observedLine,
  refusedLine,
  type Sending,
  sentLine,
} from './to-entry.ts'

/** What is recorded at the start of a run, and the key it sends with. Of the key, a fingerprint is kept. */
export type RunHead = Omit<RunEntry, 't' | 'at' | 'journal' | 'version' | 'keyFingerprint'> & { key: string }

/** What is recorded of a process that resumes a run. */
export type ResumeHead = Omit<ResumedEntry, 't' | 'at' | 'journal' | 'version' | 'keyFingerprint'> & {
  key: string
}

/** The figures of the sending as a whole, for the entry `end`. */
export interface SendingTotals {
  waitedForLanesMs: number
  unread: number
}

/** Writes to the journal what happens in a run, as it happens. */
export class JournalWriter {
  readonly #journal: Journal
  readonly #now: () => number
  readonly #lifecycle = new Lifecycle()

  constructor(journal: Journal, now: () => number) {
    this.#journal = journal
    // A clock of somebody else's may count parts of milliseconds; a line does not.
    this.#now = () => Math.round(now())
  }

  begin({ key, ...head }: RunHead): void {
    const keyFingerprint = fingerprintOf(key)
    this.#journal.write({
      t: 'run',
      at: this.#now(),
      journal: journalVersion,
      version,
      ...head,
      keyFingerprint,
    })
  }

  resume({ key, ...head }: ResumeHead): void {
    this.#journal.write({
      t: 'resumed',
      at: this.#now(),
      journal: journalVersion,
      version,
      ...head,
      keyFingerprint: fingerprintOf(key),
    })
  }

  planned({ files, ...rest }: PlannedRun): void {
    const packed = files.map(file => ({
      ...file,
      header: file.header === null ? null : packRaw(file.header),
    }))
    this.#journal.write({ t: 'planned', at: this.#now(), ...rest, files: packed })
  }

  /** A request is about to leave; it may once this resolves. */
  async sending(rows: Sending[]): Promise<void> {
    for (const row of rows) this.#write(sentLine(row, this.#now(), rows[0]?.object.seq))
    try {
      await this.#journal.durable()
    } catch (error) {
      for (const { object } of rows) this.#lifecycle.stay(object.seq)
      throw error
    }
  }

  /** An exchange that did not end its objects. */
  failed(objects: TrackObject[], exchange: Exchange): void {
    for (const { seq } of objects) this.#write(exchangeLine(seq, exchange, this.#now(), objects[0]?.seq))
  }

  /** The end of one of the objects of a request; `leader` is the one that gave it its place. */
  settled(
    { seq }: TrackObject,
    leader: TrackObject,
    exchange: Exchange,
    ending: Ending,
    looksUp = false,
  ): void {
    this.#write(exchangeLine(seq, exchange, this.#now(), leader.seq, ending, looksUp))
  }

  /** What a look at the profile says of an object; `earlier` where another process sent it. Returns its line. */
  observed(seq: number, observed: Observed, earlier?: Earlier): ObservedEntry {
    const line = observedLine(seq, observed, this.#now(), earlier)
    this.#write(line)
    return line
  }

  /** A request that read profiles. */
  lookup(line: Omit<LookupEntry, 't' | 'at'>): void {
    this.#journal.write({ t: 'lookup', at: this.#now(), ...line })
  }

  /** The export on disk that is compared with. */
  exported(line: Omit<ExportEntry, 't' | 'at'>): void {
    this.#journal.write({ t: 'export', at: this.#now(), ...line })
  }

  unsent(object: TrackObject, outcome: 'held' | 'not_sent', message: string): void {
    this.#write(refusedLine(object, outcome, outcome, message, this.#now()))
  }

  unchanged(object: TrackObject, message: string): void {
    this.#write(refusedLine(object, 'unchanged', 'unchanged', message, this.#now()))
  }

  invalid(object: TrackObject): void {
    const message = object.problems.map(problem => problem.message).join(' ')
    this.#write(refusedLine(object, 'invalid', object.problems[0]?.code ?? '', message, this.#now()))
  }

  /** The run is over, or this process leaves it. */
  async end(stop: Stop | null, { waitedForLanesMs, unread }: SendingTotals): Promise<void> {
    const stopped = stop?.exit === 'stopped' || stop?.exit === 'refused'
    const status = stop === null ? 'finished' : stopped ? 'stopped' : 'interrupted'
    const missing = unread === 0 ? {} : { unread }
    this.#journal.write({ t: 'end', at: this.#now(), status, stop, waitedForLanesMs, ...missing })
    await this.close()
  }

  /** Nothing more is written, and no end is recorded. */
  async close(): Promise<void> {
    await this.#journal.close()
  }

  /** A line that contradicts those before it is a bug of ours; it is found before anybody relies on it. */
  #write(line: ObjectLine): void {
    const misfit = this.#lifecycle.misfit(line)
    if (misfit !== undefined) throw new Error(`\`${line.t}\` of object ${line.seq}: ${misfit}.`)
    this.#lifecycle.take(line)
    this.#journal.write(line)
  }
}

/** Tells one key from another, and nothing else of it. */
export function fingerprintOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 16)
}
