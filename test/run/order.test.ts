import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { describe, expect, test } from 'vitest'
import { report } from '../../src/index.ts'
import { valuesOf } from '../../src/braze/values.ts'
import { messyRun } from '../support/messy-run.ts'
import { readCsv, readEntries, readSummary, temporaryFolder } from '../support/run-folder.ts'

const cwd = temporaryFolder()
const tables = ['rows.csv', 'values.csv']

describe.each([1, 2, 3])('delivered in any order, with faults, and gone on with twice (%i)', seed => {
  test('rows.csv and values.csv are in input order, and every rebuild gives the same bytes', async () => {
    const { folder, options, stopAfter, goOn, close } = await messyRun(cwd, seed)
    const bytes = () => tables.map(name => readFileSync(join(folder, name), 'utf8'))
    await stopAfter(30)
    expectInOrder(folder, options.files.map(String))
    await goOn(25)
    await goOn()
    await close()
    expectOutOfOrder(folder)
    expectInOrder(folder, options.files.map(String))
    const written = bytes()
    for (let i = 0; i < 2; i++) {
      await report(folder)
      expect(bytes()).toEqual(written)
    }
  })
})

/** Otherwise the order of the files would prove nothing. */
function expectOutOfOrder(folder: string): void {
  const ended = readEntries(folder).flatMap(entry => ('outcome' in entry && entry.outcome ? [entry.seq] : []))
  expect(ended).not.toEqual(ended.toSorted((a, b) => a - b))
}

function expectInOrder(folder: string, files: string[]): void {
  for (const name of tables) {
    expectSound(join(folder, name))
    const places = readCsv(join(folder, name)).map(({ file = '', row, part = '' }) => {
      return [files.indexOf(file), Number(row), Number(part.split('.')[1] ?? 0)] as const
    })
    const sorted = places.toSorted(([a, b, c], [x, y, z]) => a - x || b - y || c - z)
    expect(places).toEqual(sorted)
  }
  const rows = readCsv(join(folder, 'rows.csv')).map(({ file, row, part }) => `${file} ${row} ${part}`)
  expect(new Set(rows).size).toBe(rows.length)
  const { objects, values } = readSummary(folder)
  // What was stopped before its turn may have no line yet.
  expect(rows.length).toBeGreaterThanOrEqual(objects.total - objects.notSent)
  const lines = readCsv(join(folder, 'values.csv'))
  expect(lines).toHaveLength(values.total)
  expectFieldsInOrder(folder, lines)
}

/** The fields of an object come in the order of its body, which is that of the columns. */
function expectFieldsInOrder(folder: string, lines: Record<string, string>[]): void {
  const fieldsOf = new Map<string, string[]>()
  for (const { file, row, part, field = '' } of lines) {
    const place = `${file} ${row} ${part}`
    fieldsOf.set(place, [...(fieldsOf.get(place) ?? []), field])
  }
  for (const entry of readEntries(folder)) {
    if (entry.t !== 'sent' || entry.object?.kind == null) continue
    const { file, row, part, kind, body } = entry.object
    const found = fieldsOf.get(`${file} ${row} ${part === 0 ? '' : `${row}.${part}`}`)
    const fields = valuesOf(kind, body).map(({ field }) => (field.startsWith('=') ? `'${field}` : field))
    if (found !== undefined) expect(found).toEqual(fields)
  }
}

/** UTF-8, one header, as many cells in each line, and each column what it is said to be. */
function expectSound(path: string): void {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path))
  expect(text).not.toMatch(/[\0\ufeff\ufffd]/)
  const lines: string[][] = parse(text, { record_delimiter: '\n' })
  expect(new Set(lines.map(({ length }) => length)).size).toBe(1)
  expect(lines.filter(([first]) => first === 'file')).toHaveLength(1)
  for (const line of readCsv(path)) {
    expect(line['row']).toMatch(/^[1-9]\d*$/)
    expect(line['line']).toMatch(/^[1-9]\d*$/)
    expect(line['part']).toMatch(/^(?:\d+\.\d+)?$/)
    for (const name of ['attempts', 'values_match', 'values_differ', 'values_unverifiable'])
      if (name in line) expect(line[name]).toMatch(/^\d+$/)
    for (const name of ['http_status', 'duration_ms']) if (name in line) expect(line[name]).toMatch(/^\d*$/)
    for (const name of ['user', 'requested', 'returned'])
      if (line[name] !== undefined && line[name] !== '') JSON.parse(line[name])
    for (const name of ['file', 'field', 'message']) expect(line[name] ?? '').not.toMatch(/^[=+\-@\t\r]/)
  }
}
