import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { report } from '../../src/index.ts'
import { messyRun, type MessyRun } from '../support/messy-run.ts'
import { readCsv, readSummary, temporaryFolder } from '../support/run-folder.ts'

const cwd = temporaryFolder()
const runs: MessyRun[] = []
/** Of each run its redacted folder. */
const redacted: string[] = []

beforeAll(async () => {
  for (const seed of [1, 2]) {
    const run = await messyRun(cwd, seed)
    await run.stopAfter(40)
    await run.goOn()
    await run.close()
    const other = runs[0]
    const { reportFolder } = await report(run.folder, {
      redact: true,
      ...(other === undefined ? {} : { compare: other.folder }),
    })
    runs.push(run)
    redacted.push(reportFolder)
  }
})

const textsIn = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder)
      .filter(name => statSync(join(folder, name)).isFile())
      .map(name => [name, readFileSync(join(folder, name), 'utf8')]),
  )

describe('a redacted report', () => {
  test('has the same files as the clear one, in a folder of its own, for its owner only', () => {
    for (const [i, run] of runs.entries()) {
      const folder = redacted[i] ?? ''
      expect(folder).toBe(join(run.folder, 'redacted'))
      const own = ['journal.ndjson', 'lock', 'redact.key', 'redacted']
      const clear = readdirSync(run.folder).filter(name => !own.includes(name))
      expect(readdirSync(folder).filter(name => name !== 'compare.csv')).toEqual(clear)
      expect(clear).toEqual(expect.arrayContaining(['rejects.csv', 'rejects.ndjson', 'report.html']))
      expect(statSync(folder).mode & 0o777).toBe(0o700)
      for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
    }
  })

  test('holds no identifier, no value and no cell of the input', () => {
    for (const [i, { folder, tokens }] of runs.entries()) {
      const clear = Object.values(textsIn(folder)).join('\n')
      // The very tokens are there in what is not redacted; a search for nothing finds nothing.
      expect(tokens.filter(token => clear.includes(token)).length).toBeGreaterThan(tokens.length * 0.9)
      const all = runs.flatMap(run => run.tokens)
      for (const [name, text] of Object.entries(textsIn(redacted[i] ?? ''))) {
        const found = all.filter(token => text.toLowerCase().includes(token.toLowerCase()))
        expect(found, name).toEqual([])
        expect(text).not.toMatch(/2024-01-\d\d|caf\ufffd/)
      }
    }
  })

  test('says the same of every row and value', () => {
    for (const [i, { folder }] of runs.entries()) {
      const shown = redacted[i] ?? ''
      expect(withoutHashes(readSummary(shown))).toEqual(withoutHashes(readSummary(folder)))
      for (const [name, hashed] of Object.entries({
        'rows.csv': ['user', 'message'],
        'values.csv': ['user', 'requested', 'returned'],
      })) {
        const left = (path: string) =>
          readCsv(join(path, name)).map(line =>
            Object.entries(line).filter(([column]) => !hashed.includes(column)),
          )
        expect(left(shown)).toEqual(left(folder))
      }
      const rejects = (path: string) => readFileSync(join(path, 'rejects.ndjson'), 'utf8').split('\n').length
      expect(rejects(shown)).toBe(rejects(folder))
    }
  })

  test('hashes what is equal alike, and what is not otherwise', () => {
    for (const [i, { folder }] of runs.entries()) {
      const clear = readCsv(join(folder, 'values.csv'))
      const hashed = readCsv(join(redacted[i] ?? '', 'values.csv'))
      const [there, back] = [new Map<string, string>(), new Map<string, string>()]
      for (const [at, line] of clear.entries()) {
        for (const column of ['user', 'requested', 'returned']) {
          const [from = '', to = ''] = [line[column], hashed[at]?.[column]]
          expect(there.get(from) ?? to).toBe(to)
          expect(back.get(to) ?? from).toBe(from)
          there.set(from, to)
          back.set(to, from)
        }
      }
      expect(there.size).toBeGreaterThan(50)
    }
  })

  test('is the same from rebuild to rebuild, by a key that is kept and handed to nobody', async () => {
    const [run, folder] = [runs[0], redacted[0] ?? '']
    const key = readFileSync(join(run?.folder ?? '', 'redact.key'), 'utf8').trim()
    expect(key).toMatch(/^[0-9a-f]{64}$/)
    expect(statSync(join(run?.folder ?? '', 'redact.key')).mode & 0o777).toBe(0o600)
    const before = textsIn(folder)
    expect(Object.values(before).join('\n')).not.toContain(key)
    await report(run?.folder ?? '', { redact: true })
    expect(textsIn(folder)).toEqual(before)
  })

  test('leaves the clear one as it was', async () => {
    const folder = runs[0]?.folder ?? ''
    const before = textsIn(folder)
    await report(folder, { redact: true })
    expect(textsIn(folder)).toEqual(before)
  })

  test('tells nothing across runs: each has a key of its own', () => {
    const [one, two] = runs.map(({ folder }) => readFileSync(join(folder, 'redact.key'), 'utf8'))
    expect(one).not.toBe(two)
    const hashesIn = (folder = '') =>
      new Set(readFileSync(join(folder, 'values.csv'), 'utf8').match(/hmac:\w+/g))
    const [mine, theirs] = redacted.map(hashesIn)
    expect([...(mine ?? [])].filter(hash => theirs?.has(hash))).toEqual([])
    expect(mine?.size).toBeGreaterThan(50)
  })

  test('compares as the clear one does', async () => {
    const [one, two] = runs.map(({ folder }) => folder)
    const { comparison } = await report(two ?? '', { compare: one ?? '' })
    const found = readCsv(comparison?.file ?? '')
    const hidden = readCsv(join(redacted[1] ?? '', 'compare.csv'))
    const places = (lines: typeof found) =>
      lines.map(({ change, row, field, reason }) => [change, row, field, reason])
    expect(places(hidden)).toEqual(places(found))
    expect(found.length).toBeGreaterThan(5)
  })

  test('is not written with a key that is none', async () => {
    const { folder, stopAfter, close } = await messyRun(cwd, 9)
    await stopAfter(1000)
    await close()
    writeFileSync(join(folder, 'redact.key'), 'short')
    await expect(report(folder, { redact: true })).rejects.toMatchObject({ code: 'run_unreadable' })
    expect(existsSync(join(folder, 'redacted'))).toBe(false)
  })
})

function withoutHashes({ inputs, ...summary }: ReturnType<typeof readSummary>) {
  return { ...summary, inputs: inputs.map(({ path, bytes, rows }) => ({ path, bytes, rows })) }
}
