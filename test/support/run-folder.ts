import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterAll } from 'vitest'
import type { Summary } from '../../src/index.ts'
import type { WrittenEntry } from '../../src/journal/entry.ts'

/** A folder that is gone when the tests of the file are. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'track-sync-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export function readCsv(path: string): Record<string, string>[] {
  return parse(readFileSync(path), { columns: true })
}

export function readSummary(folder: string): Summary {
  return JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) as Summary
}

export function readEntries(folder: string): WrittenEntry[] {
  const lines = readFileSync(join(folder, 'journal.ndjson'), 'utf8').trimEnd().split('\n')
  return lines.map(line => JSON.parse(line) as WrittenEntry)
}

/** The text of every file of a report. */
export function readFiles(folder: string): Record<string, string> {
  const names = readdirSync(folder).filter(
    name => /\.(?:csv|html|json|ndjson)$/.test(name) && name !== 'journal.ndjson',
  )
  return Object.fromEntries(names.map(name => [name, readFileSync(join(folder, name), 'utf8')]))
}

/** The objects a run sent, in input order, each under its kind. */
export function sentObjects(folder: string): Record<string, unknown>[] {
  return readEntries(folder)
    .flatMap(entry =>
      entry.t === 'sent' && entry.object !== undefined ? [{ seq: entry.seq, object: entry.object }] : [],
    )
    .toSorted((a, b) => a.seq - b.seq)
    .map(({ object }) => ({ [object.kind ?? '']: object.body }))
}
