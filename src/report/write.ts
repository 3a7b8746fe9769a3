import { createWriteStream, type WriteStream } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Account } from '../model/account.ts'
import type { RunFacts } from '../model/run-facts.ts'
import type { Summary } from '../model/summary.ts'
import { csvLines, rowRecord, rowsHeader, valueRecords, valuesHeader } from './csv.ts'
import { judgedValues } from './judged.ts'
import { Findings } from './page/findings.ts'
import { createRejects } from './rejects.ts'
import { Tally } from './tally.ts'

/**
 * Writes every file of the report into the run's folder, in one pass over its accounts. `facts` is complete before the
 * first of them comes. The same journal always gives the same files.
 */
export async function writeReport(
  folder: string,
  accounts: AsyncIterable<Account>,
  facts: RunFacts,
): Promise<Summary> {
  const files = new Map<string, Output>()
  try {
    return await write(folder, files, accounts, facts)
  } catch (error) {
    for (const file of files.values()) await file.discard()
    throw error
  }
}

async function write(
  folder: string,
  files: Map<string, Output>,
  accounts: AsyncIterable<Account>,
  facts: RunFacts,
): Promise<Summary> {
  const open = (name: string, top: string | Uint8Array) => {
    const file = files.get(name) ?? new Output(join(folder, name), top)
    files.set(name, file)
    return file
  }
  const rows = open('rows.csv', csvLines([rowsHeader]))
  const valueLines = open('values.csv', csvLines([valuesHeader]))
  const tally = new Tally()
  const findings = new Findings(facts)
  let rejectOf: ReturnType<typeof createRejects> | undefined

  for await (const account of accounts) {
    const values = judgedValues(account)
    tally.add(account, values)
    findings.add(account, values)
    await rows.add(csvLines([rowRecord(account, values)]))
    await valueLines.add(csvLines(valueRecords(account, values)))
    rejectOf ??= createRejects(facts.planned?.files ?? [])
    const reject = rejectOf(account)
    if (reject !== null) await open(reject.file.name, reject.file.header).add(reject.bytes)
  }
  const summary = tally.summary(facts)
  // What draws the charts takes longer to load than all else together, and a plan or a mistake needs none.
  const { page } = await import('./page/page.ts')
  for (const file of files.values()) await file.close()
  await replace(join(folder, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`)
  await replace(
    join(folder, 'report.html'),
    await page(summary, facts, findings, ['summary.json', ...files.keys()]),
  )
  return summary
}

/** A file that is there whole or not at all. */
async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.part`, text, { mode: 0o600 })
  await rename(`${path}.part`, path)
}

/** Text on its way into a file, gathered so that a line does not cost a write. */
class Output {
  readonly #path: string
  readonly #stream: WriteStream
  #failure: Error | null = null
  #gathered: Uint8Array[] = []
  #bytes = 0

  constructor(path: string, top: string | Uint8Array) {
    this.#path = path
    this.#stream = createWriteStream(`${path}.part`, { mode: 0o600 })
    this.#stream.on('error', error => {
      this.#failure = error
    })
    this.#gather(top)
  }

  async add(lines: string | Uint8Array): Promise<void> {
    if (lines.length === 0) return
    this.#gather(lines)
    if (this.#bytes >= 64 * 1024) await this.#flush()
  }

  async close(): Promise<void> {
    await this.#flush()
    this.#stream.end()
    if (!this.#stream.closed) await once(this.#stream, 'close')
    if (this.#failure !== null) throw this.#failure
    await rename(`${this.#path}.part`, this.#path)
  }

  /** Leaves nothing behind. */
  async discard(): Promise<void> {
    const closed =
      this.#stream.closed || new Promise<void>(resolve => this.#stream.once('close', () => resolve()))
    this.#stream.destroy()
    await closed
    await rm(`${this.#path}.part`, { force: true })
  }

  #gather(lines: string | Uint8Array): void {
    const bytes = typeof lines === 'string' ? Buffer.from(lines) : lines
    this.#gathered.push(bytes)
    this.#bytes += bytes.length
  }

  async #flush(): Promise<void> {
    const room = this.#stream.write(Buffer.concat(this.#gathered))
    this.#gathered = []
    this.#bytes = 0
    if (!room && this.#failure === null) await once(this.#stream, 'drain')
    if (this.#failure !== null) throw this.#failure
  }
}
