import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createSandbox, report, resume } from '../../src/index.ts'
import { hastyClock } from '../support/hasty-clock.ts'
import { noExports, writesTo } from '../support/looks.ts'
import { readCsv, readEntries, readSummary, temporaryFolder } from '../support/run-folder.ts'

/** Runs of version 0.1, whose lines carry no checksums: one that finished, and one of events that was interrupted. */
const kept = fileURLToPath(new URL('version-1', import.meta.url))
const events = join(kept, 'interrupted/events.ndjson')

test('a journal of version 1 is reported as it was then', async () => {
  const folder = copyOf('finished')
  await report(folder)
  // What is known of lookups was added since.
  const added = { mode: 'import', lookups: { requests: 0, users: 0, failed: 0, settled: 0 } }
  expect(readSummary(folder)).toEqual({ ...readSummary(join(kept, 'finished')), ...added })
})

test('one that was interrupted is gone on with, in lines with checksums, and nothing is sent twice', async () => {
  const folder = copyOf('interrupted')
  const before = readFileSync(join(folder, 'journal.ndjson'), 'utf8')
  const { summary, sent } = await goOn(folder)
  expect(summary.objects).toMatchObject({ total: 12, rejected: 1, unknown: 1, notSent: 0 })
  expect(sent).toEqual([6, 7, 8, 9, 10, 11])
  expect(readFileSync(join(folder, 'journal.ndjson'), 'utf8').startsWith(before)).toBe(true)
  const entries = readEntries(folder)
  const at = entries.findIndex(({ t }) => t === 'resumed')
  expect(entries.slice(0, at).filter(({ crc }) => crc !== undefined)).toEqual([])
  expect(entries.slice(at).filter(({ crc }) => crc === undefined)).toEqual([])
  expect(entries[at]).toMatchObject({ journal: 2 })
  expect((await report(folder)).summary).toEqual(summary)
})

test('the first line with a checksum covers those of version 1 before it', async () => {
  const folder = copyOf('interrupted')
  await goOn(folder)
  const path = join(folder, 'journal.ndjson')
  const text = readFileSync(path, 'utf8')
  const line = readEntries(folder).findIndex(({ t }) => t === 'resumed') + 1
  // A letter of a message: the line stays one that could have been written.
  writeFileSync(path, text.replace('"message":"Bad Request"', '"message":"Mad Request"'))
  expect((await report(folder)).facts.damage).toMatchObject({ line })
  // A line that says that it has a checksum has to have one.
  for (const changed of [text.replace('"crc"', '"cry"'), text.replace(/,"crc":"\w+"\}/, '}')]) {
    writeFileSync(path, changed)
    expect((await report(folder)).facts.damage).toMatchObject({ line })
  }
})

test('damage that shows in its lines is named and not guessed over', async () => {
  const folder = copyOf('interrupted')
  const path = join(folder, 'journal.ndjson')
  const text = readFileSync(path, 'utf8')
  for (const [from, to, line] of [
    ['"outcome":"verified"', '"outcome":"verifled"', 4],
    ['"seq":2,', '"seq":-,', 7],
    ['"t":"lost"', '"t":"lust"', 8],
    ['"seq":3,', '"seq":9999999999,', 9],
    ['"reasons":[', '"reasons":7,"x":[', 4],
  ] as const) {
    writeFileSync(path, text.replace(from, to))
    const { summary } = await report(folder)
    expect(summary).toMatchObject({ exitCode: 4, damage: { line } })
    expect(readCsv(join(folder, 'rows.csv')).length + (summary.damage?.rows ?? 0)).toBe(12)
    await expect(goOn(folder)).rejects.toMatchObject({ code: 'run_damaged', problem: { line } })
  }
})

function copyOf(name: string): string {
  const folder = temporaryFolder()
  cpSync(join(kept, name, 'journal.ndjson'), join(folder, 'journal.ndjson'))
  return folder
}

/** Goes on with a run of the events; `sent` are the numbers of those that left. */
async function goOn(folder: string) {
  const sandbox = await createSandbox({ limit: 'off', faults: [noExports] })
  try {
    const where = { key: 'k', url: sandbox.url, target: 'sandbox', files: [events] }
    const { summary } = await resume(folder, where, hastyClock())
    const sent = writesTo(sandbox).map(({ body }) => Number(/"id":(\d+)/.exec(body)?.[1]))
    return { summary, sent: sent.toSorted((a, b) => a - b) }
  } finally {
    await sandbox.close()
  }
}
