import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Account } from '../model/account.ts'
import type { RunFacts } from '../model/run-facts.ts'
import type { Summary } from '../model/summary.ts'
import { type Changed, changeRecord, compareFile, compareHeader } from './changes.ts'
import { csvLines, rowRecord, rowsHeader, valueRecords, valuesHeader } from './csv-files.ts'
import { judgedValues } from './judged.ts'
import { Output, replace } from './output.ts'
import { Findings } from './page/findings.ts'
import type { Redaction } from './redact.ts'
import { createRejects, isRejectFile } from './rejects.ts'
import { Tally } from './tally.ts'

/** The summary, and the names of all files of the report. */
export interface Written {
  summary: Summary
  files: string[]
}

/**
 * Writes every file of the report into a folder, in one pass over the accounts of a run. `facts` is complete before the
 * first account. The same journal always gives the same files; with a redaction, the same files without values. `run` is
 * the folder of the run as its page names it.
 */
export async function writeReport(
  folder: string,
  accounts: AsyncIterable<Account>,
  facts: RunFacts,
  redaction?: Redaction,
  run = folder,
): Promise<Written> {
  const files = new Map<string, Output>()
  try {
    return await write(folder, files, accounts, facts, run, redaction)
  } catch (error) {
    for (const file of files.values()) await file.discard()
    throw error
  }
}

async function write(
  folder: string,
  files: Map<string, Output>,
  accounts: AsyncIterable<Account>,
  ownFacts: RunFacts,
  run: string,
  redaction?: Redaction,
): Promise<Written> {
  const open = (name: string, top: string | Uint8Array) => {
    const file = files.get(name) ?? new Output(join(folder, name), top)
    files.set(name, file)
    return file
  }
  const facts = redaction?.facts(ownFacts) ?? ownFacts
  const rows = open('rows.csv', csvLines([rowsHeader]))
  const valueLines = open('values.csv', csvLines([valuesHeader]))
  const tally = new Tally()
  const findings = new Findings(facts)
  const rejectOf = createRejects(facts.planned?.files ?? [])

  for await (const original of accounts) {
    const account = redaction?.account(original) ?? original
    const judged = judgedValues(original)
    const values = redaction === undefined ? judged : judged.map(value => redaction.value(value))
    tally.add(account, values)
    findings.add(account, values)
    await rows.add(csvLines([rowRecord(account, values)]))
    await valueLines.add(csvLines(valueRecords(account, values)))
    const reject = rejectOf(account)
    if (reject !== null) await open(reject.file.name, reject.file.header).add(reject.bytes)
  }
  const summary = tally.summary(facts)
  // The chart library takes longer to load than everything else, so it is loaded only when a report is written.
  const { page } = await import('./page/page.ts')
  for (const file of files.values()) await file.close()
  await removeOld(folder, files)
  await replace(join(folder, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`)
  const names = ['summary.json', ...files.keys()]
  const place = { run, files: names, isRedacted: redaction !== undefined }
  await replace(join(folder, 'report.html'), await page(summary, facts, findings, place))
  return { summary, files: [...names, 'report.html'] }
}

/** Records in an earlier report that have succeeded since must not be sent again. */
async function removeOld(folder: string, files: ReadonlyMap<string, Output>): Promise<void> {
  for (const name of await readdir(folder))
    if (isRejectFile(name) && !files.has(name)) await rm(join(folder, name))
}

/** Writes the changes from another run to this one, as they are found. */
export async function writeChanges<Found>(
  folder: string,
  redaction: Redaction | undefined,
  find: (add: (changed: Changed) => Promise<void>) => Promise<Found>,
): Promise<Found> {
  const file = new Output(join(folder, compareFile), csvLines([compareHeader]))
  try {
    const found = await find(changed =>
      file.add(csvLines([changeRecord(redaction?.changed(changed) ?? changed)])),
    )
    await file.close()
    return found
  } catch (error) {
    await file.discard()
    throw error
  }
}
