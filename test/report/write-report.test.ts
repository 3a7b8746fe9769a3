import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parse } from 'csv-parse/sync'
import type { Account } from '../../src/model/account.ts'
import { writeReport } from '../../src/report/write-report.ts'
import { account, everyOutcome, runFacts, streamOf, unsent } from '../support/build.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'track-sync-report-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

async function filesIn(): Promise<Record<string, Buffer>> {
  const names = (await readdir(folder)).toSorted()
  const contents = await Promise.all(names.map(name => readFile(join(folder, name))))
  return Object.fromEntries(names.flatMap((name, i) => [[name, contents[i] ?? Buffer.alloc(0)]]))
}

test('every file is there, whole, and for its owner only', async () => {
  const written = await writeReport(folder, streamOf(everyOutcome()), runFacts(10))
  const files = await filesIn()
  expect(written.files.toSorted()).toEqual(Object.keys(files))
  expect(Object.keys(files)).toEqual([
    'rejects.csv',
    'report.html',
    'rows.csv',
    'summary.json',
    'unknown.csv',
    'values.csv',
  ])
  for (const name of Object.keys(files)) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
  expect(JSON.parse(String(files['summary.json']))).toEqual(written.summary)
  expect(String(files['rejects.csv'])).toBe('external_id,plan\nu5,row 5\nu6,row 6\nu8,row 8\nu10,row 10\n')
  expect(String(files['unknown.csv'])).toBe('external_id,plan\nu7,row 7\n')
})

test('rows.csv and values.csv follow the input, and agree with the summary', async () => {
  const { summary } = await writeReport(folder, streamOf(everyOutcome()), runFacts(10))
  const { objects, values } = summary
  const files = await filesIn()
  const rows: string[][] = parse(files['rows.csv'] ?? '')
  expect(rows.slice(1).map(row => row[1])).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', '10'])
  expect(rows).toHaveLength(objects.total + 1)
  expect(parse(files['values.csv'] ?? '')).toHaveLength(values.total + 1)
})

test('writing it again gives the same bytes', async () => {
  await writeReport(folder, streamOf(everyOutcome()), runFacts(10))
  const before = await filesIn()
  await writeReport(folder, streamOf(everyOutcome()), runFacts(10))
  expect(await filesIn()).toEqual(before)
})

test('records that have ended well since an earlier report are kept no longer, and nothing else is touched', async () => {
  await writeReport(folder, streamOf(everyOutcome()), runFacts(10))
  await writeFile(join(folder, 'rejects-mended.csv'), 'mine')
  await writeReport(folder, streamOf([account()]), runFacts(1))
  expect(Object.keys(await filesIn())).toEqual([
    'rejects-mended.csv',
    'report.html',
    'rows.csv',
    'summary.json',
    'values.csv',
  ])
})

test('a report that does not add up is not printed, and leaves an earlier one as it was', async () => {
  await expect(writeReport(folder, streamOf(everyOutcome()), runFacts(11))).rejects.toThrow(/the plan had 11/)
  expect(await filesIn()).toEqual({})
  await writeReport(folder, streamOf(everyOutcome()), runFacts(10))
  const before = await filesIn()
  await expect(writeReport(folder, streamOf([account()]), runFacts(10))).rejects.toThrow(
    /a report would be wrong/,
  )
  expect(await filesIn()).toEqual(before)
})

test('a journal that breaks off leaves nothing half written', async () => {
  async function* broken(): AsyncGenerator<Account> {
    yield* everyOutcome()
    throw new Error('The disk is gone.')
  }
  await expect(writeReport(folder, broken(), runFacts(10))).rejects.toThrow('The disk is gone.')
  expect(await filesIn()).toEqual({})
})

test('a folder that is not there is an error', async () => {
  const missing = join(folder, 'missing')
  await expect(writeReport(missing, streamOf(everyOutcome()), runFacts(10))).rejects.toMatchObject({
    code: 'ENOENT',
  })
})

test('records of any bytes go through whole, over many writes', async () => {
  const raw = Buffer.alloc(1000, 'x').fill(0xe9, 10, 20)
  const many = Array.from({ length: 500 }, (_, seq) => unsent({ seq, row: seq + 1, outcome: 'invalid', raw }))
  await writeReport(folder, streamOf(many), runFacts(500))
  const rejects = (await filesIn())['rejects.csv'] ?? Buffer.alloc(0)
  const record = Buffer.concat([raw, Buffer.from('\n')])
  expect(rejects.equals(Buffer.concat([Buffer.from('external_id,plan\n'), ...many.map(() => record)]))).toBe(
    true,
  )
})

test('an empty run has headers and nothing else', async () => {
  await writeReport(folder, streamOf([]), runFacts(0))
  const files = await filesIn()
  expect(Object.keys(files)).toEqual(['report.html', 'rows.csv', 'summary.json', 'values.csv'])
  expect(parse(files['rows.csv'] ?? '')).toHaveLength(1)
})
