import { join } from 'node:path'
import type { RunState } from '../journal/run-state.ts'
import type { Account } from '../model/account.ts'
import type { RunFacts } from '../model/run-facts.ts'
import type { Summary } from '../model/summary.ts'
import { checkReportOptions, defaults, type ReportOptions } from '../options.ts'
import { type ChangeCounts, compareFile } from '../report/changes.ts'
import { compareAccounts } from '../report/compare.ts'
import { judgedValues } from '../report/judged.ts'
import { redactedFolder, redactKey } from '../report/redact-key.ts'
import { Redaction } from '../report/redact.ts'
import { Tally } from '../report/tally.ts'
import { writeChanges, writeReport } from '../report/write-report.ts'
import { checkFolder } from './checked-calls.ts'
import { whereFull } from './disk.ts'
import { accountsOf, loadState } from './load.ts'

/** The receipt of a run: where it lies, where the files of its report lie, and what they say. */
export interface Receipt {
  folder: string
  /** The folder of the run, or the one in it that the redacted report went to. */
  reportFolder: string
  /** The names of the files there. */
  files: readonly string[]
  summary: Summary
  facts: RunFacts
  /** Where it was compared with another run. */
  comparison?: Comparison
}

/** What became of the values that differed in either of two runs. */
export interface Comparison {
  /** The other run, as its own report has it. */
  before: Summary
  changes: ChangeCounts
  /** `compare.csv`. */
  file: string
}

/**
 * The report of a run, rebuilt from its journal alone: no input, no network. Once the signal is aborted it throws the
 * signal's reason, and leaves no file half written.
 */
export async function report(
  folder: string,
  given: ReportOptions = {},
  signal?: AbortSignal,
): Promise<Receipt> {
  const options = checkReportOptions(given)
  checkFolder(folder)
  if (options.compare !== undefined) checkFolder(options.compare, 'compare')
  const state = await loadState(folder, undefined, signal)
  return await writeAll(folder, state, options, signal).catch(whereFull(folder))
}

async function writeAll(
  folder: string,
  state: RunState,
  options: ReportOptions,
  signal?: AbortSignal,
): Promise<Receipt> {
  const { redact = false, compare } = options
  const redaction = redact ? new Redaction(await redactKey(folder), state.facts) : undefined
  const reportFolder = redact ? await redactedFolder(folder) : folder
  const { summary, files } = await writeReport(
    reportFolder,
    accountsOf(folder, state, signal),
    state.facts,
    redaction,
    pathOf(folder, state),
  )
  const facts = redaction?.facts(state.facts) ?? state.facts
  const receipt = { folder, reportFolder, files, summary, facts }
  if (compare === undefined) return receipt

  const other = await loadState(compare, undefined, signal)
  const before = await summaryOf(accountsOf(compare, other, signal), other)
  const counts = await writeChanges(reportFolder, redaction, async add => {
    const [then, now] = [() => accountsOf(compare, other, signal), () => accountsOf(folder, state, signal)]
    return await compareAccounts(then, now, add)
  })
  return { ...receipt, comparison: { before, changes: counts, file: join(reportFolder, compareFile) } }
}

/** Where the run was written, by its own word: its page is the same wherever its journal is read. */
function pathOf(folder: string, { run }: RunState): string {
  const runsDir = run?.settings['runsDir']
  return run === null ? folder : join(typeof runsDir === 'string' ? runsDir : defaults.runsDir, run.run)
}

async function summaryOf(accounts: AsyncIterable<Account>, state: RunState): Promise<Summary> {
  const tally = new Tally()
  for await (const account of accounts) tally.add(account, judgedValues(account))
  return tally.summary(state.facts)
}
