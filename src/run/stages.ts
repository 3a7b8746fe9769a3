import type { Baseline } from '../journal/baseline.ts'
import type { RunState } from '../journal/run-state.ts'
import type { JournalWriter, SendingTotals } from '../journal/writer.ts'
import type { Clock } from '../model/clock.ts'
import type { Stop } from '../model/exit.ts'
import type { PlannedRun } from '../model/plan.ts'
import type { AuditOptions, ImportOptions } from '../options.ts'
import type { FingerprintedSource } from '../parse/fingerprinted-source.ts'
import type { Memory } from '../reconcile/reconcile.ts'
import type { Befores } from './settle-unknown.ts'

/** A run whose folder and journal are there. */
export interface Start<Options extends AuditOptions | ImportOptions = AuditOptions | ImportOptions> {
  folder: string
  clock: Clock
  options: Options
  sources: readonly FingerprintedSource[]
  journal: JournalWriter
  stop: AbortController
  /** Throws what a callback threw, if one did. */
  rethrow: () => void
}

/** A run that is ready to send: its state so far, and where it goes. */
export interface Ready extends Omit<Start<ImportOptions>, 'rethrow'> {
  url: URL
  planned: PlannedRun
  /** What earlier processes did; of a new run, nothing. */
  state: RunState
  /** What their responses showed. */
  memory: Memory
  /** What an earlier run verified, where that need not be sent again. */
  baseline: Baseline | null
  /** What the profiles held before what they left unknown. */
  befores: Befores
  /** Nothing is done but looking up what is unknown, and sending again what was not applied. */
  onlyUnknown: boolean
  /** When lookups left that were made for the run before it began, and still count. */
  lookedUpAt?: readonly number[]
}

/** What the journal records when the work is over, and what ended it early; null where every object came to its end. */
export type Over = SendingTotals & { stopped: Stop | null }
