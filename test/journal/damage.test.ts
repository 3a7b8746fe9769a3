import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createSandbox,
  importFiles,
  type ImportOptions,
  outcomes,
  report,
  resume,
  type Sandbox,
  summaryText,
  TrackSyncError,
} from '../../src/index.ts'
import { loadState } from '../../src/run/load.ts'
import { hastyClock } from '../support/hasty-clock.ts'
import { noExports } from '../support/looks.ts'
import { readCsv, temporaryFolder } from '../support/run-folder.ts'
import { rewrite, sealedText } from '../support/sealed.ts'

/** A run of everything a journal can hold: answers, retries, coalesced rows, lost answers, three processes. */
const cwd = temporaryFolder()
const folder = join(cwd, 'reports/run')
let sandbox: Sandbox
let options: ImportOptions
let whole: Buffer
/** Where each line begins, and where the last one ends. */
let starts: number[]

beforeAll(async () => {
  sandbox = await createSandbox({
    limit: 'off',
    latency: { p50: 1, p95: 4 },
    faults: [
      { kind: 'refuse', status: 429, ms: 5, calls: [5, 21] },
      { kind: 'refuse', status: 503, calls: [9, 30] },
      { kind: 'refuse', status: 400, calls: [12, 25, 29, 37, 41] },
      { kind: 'cut_after', calls: [16, 33] },
      { kind: 'cut_before', calls: [18] },
      noExports,
    ],
  })
  options = {
    files: [inputFile('plans.csv', plans()), inputFile('events.ndjson', events())],
    url: sandbox.url,
    key: 'k',
    rate: 'off',
    concurrency: 6,
    coalesce: true,
    maxErrors: 1000,
    runsDir: join(cwd, 'reports'),
    runId: 'run',
  }
  await importFiles(stoppedAfter(18), hastyClock())
  await resume(folder, stoppedAfter(14), hastyClock())
  await resume(folder, stoppedAfter(14), hastyClock())
  whole = readFileSync(journal(folder))
  starts = [0]
  for (const [at, byte] of whole.entries()) if (byte === 10) starts.push(at + 1)
})
afterAll(() => sandbox.close())

test('the run has something of everything', async () => {
  const { facts, unsettled } = await loadState(folder)
  expect([facts.resumes, facts.status, facts.damage]).toEqual([2, 'interrupted', null])
  expect(
    Math.min(facts.requests.retried, facts.requests.rateLimited, facts.requests.coalesced),
  ).toBeGreaterThan(0)
  expect([...unsettled.values()].map(({ outcome }) => outcome)).toEqual(
    expect.arrayContaining(['unknown', 'rejected']),
  )
})

describe('a byte that is another', () => {
  test('is found in the very line, wherever it lies and whatever it becomes', async () => {
    const kinds = new Set<string>()
    for (const [i, from] of starts.slice(0, -1).entries()) {
      const text = whole.toString('latin1', from, starts[i + 1])
      // Of lines that are alike, one; and the last one, behind which nothing stands.
      const kind = marks.filter(mark => text.includes(mark)).join() + text.slice(6, 10)
      if (kinds.has(kind) && i < starts.length - 2) continue
      kinds.add(kind)
      for (const at of interesting(from, text))
        for (const to of becomes(whole[at] ?? 0)) await expectFound(flipped(at, to), at)
    }
    expect(kinds.size).toBeGreaterThan(8)
  })

  test('at any place', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        await expectFound(flipped(at, (whole[at] ?? 0) ^ by), at)
      }),
      { numRuns: 300 },
    )
  })
})

describe('lines', () => {
  test('that are taken out, doubled, moved, put in, or zeros are found', async () => {
    const lines = starts.slice(0, -1).map((from, i) => whole.subarray(from, starts[i + 1]))
    for (let i = 0; i < lines.length; i++) {
      const [before, line, after] = [lines.slice(0, i), lines[i] ?? Buffer.of(), lines.slice(i + 1)]
      const zeros = Buffer.alloc(line.length)
      const cases: [Buffer[], number][] = [
        [[...before, line, line, ...after], i + 1],
        [[...before, zeros, ...after], i],
        [[...before, Buffer.from('{"t":"sent","at":1,"seq":0,"attempt":1}\n'), line, ...after], i],
      ]
      const [next, ...rest] = after
      if (next !== undefined) {
        // Without its last line a journal is that of a process that was killed before it wrote it.
        cases.push([[...before, ...after], i], [[...before, next, line, ...rest], i])
      } else cases.splice(1, 1)
      for (const [changed, index] of cases) {
        const { damage } = await loadState(copyWith(Buffer.concat(changed)))
        expect(damage?.line).toBe(index + 1)
      }
    }
  })

  test('of another shape are found, also where their checksum is right', async () => {
    const entries = whole
      .toString()
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as Record<string, unknown>)
    const seen = new Set<string>()
    let damaged = 0
    for (const [i, { crc: _crc, ...entry }] of entries.entries()) {
      for (const key of Object.keys(entry)) {
        if (seen.has(`${String(entry['t'])} ${key}`)) continue
        seen.add(`${String(entry['t'])} ${key}`)
        for (const other of [null, -1, 1e300, 'x', [], [7], {}, { a: [null] }, true]) {
          const copy = copyWith(whole)
          rewrite(journal(copy), text => {
            const lines = text.trimEnd().split('\n')
            lines[i] = JSON.stringify({ ...entry, [key]: other })
            return lines.join('\n')
          })
          // What fits all the same is reported; or it is a newer version, or does not add up, and is told as that.
          const told = await report(copy).then(({ summary }) => summary.damage?.line ?? 'fine', String)
          if (typeof told === 'number') expect(told).toBe(i + 1)
          else expect(told).toMatch(/^fine$|a report would be wrong|is newer than this one/)
          damaged += typeof told === 'number' ? 1 : 0
        }
      }
    }
    expect(seen.size).toBeGreaterThan(50)
    expect(damaged).toBeGreaterThan(seen.size * 6)
  })
})

describe('behind the damage', () => {
  test('nothing is told, what stands before stays as it was, and the totals add up', async () => {
    for (let line = 1; line < starts.length; line += 7) {
      const copy = copyWith(flipped((starts[line - 1] ?? 0) + 3, 0))
      const { summary, facts } = await report(copy)
      expect(summary).toMatchObject({ damage: { line, byte: starts[line - 1] }, exitCode: 4 })
      const [shown, page] = [summaryText(summary, facts), readFileSync(join(copy, 'report.html'), 'utf8')]
      for (const text of [shown.replaceAll(/\s+/g, ' '), page])
        expect(text).toContain(`The journal is damaged at line ${line} (byte ${starts[line - 1]})`)
      expect(page).not.toContain('track-sync resume')

      const before = copyWith(whole.subarray(0, starts[line - 1]))
      await report(before)
      const [told, untorn] = [copy, before].map(run => readCsv(join(run, 'rows.csv')))
      expect(told?.map(row => row['row'])).toEqual(untorn?.map(row => row['row']))
      for (const [i, row] of (told ?? []).entries()) {
        // Only what had ended for good stands as it was; of the rest, requests may stand behind the damage.
        const was = untorn?.[i]?.['outcome'] ?? ''
        expect(row['outcome']).toBe(['held', 'not_sent'].includes(was) ? 'unknown' : was)
      }
      const { total, ...each } = summary.objects
      expect(Object.values(each).reduce((sum, rows) => sum + rows, 0)).toBe(total)
      expect((told?.length ?? 0) + (summary.damage?.rows ?? 0)).toBe(facts.planned === null ? 0 : total)
      expect(Object.values(outcomes).map(({ key }) => summary.objects[key]).length).toBe(
        Object.keys(each).length,
      )
      expect([each.notSent, each.held]).toEqual([0, 0])
    }
  })

  test('the run is not gone on with, and not a request leaves', async () => {
    const calls = sandbox.calls().length
    const bytes = whole.length
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const copy = copyWith(flipped(at, (whole[at] ?? 0) ^ by))
        await expect(resume(copy, options)).rejects.toMatchObject({
          code: 'run_damaged',
          problem: { line: lineAt(at) },
          next: `track-sync report ${copy} --open`,
        })
        expect(readFileSync(journal(copy)).length).toBe(bytes)
      }),
      { numRuns: 60 },
    )
    expect(sandbox.calls().length).toBe(calls)
  })

  test('a new run skips what stands before it as verified', async () => {
    const copy = copyWith(flipped((starts.at(-2) ?? 0) + 3, 0))
    const { summary } = await report(copy)
    const again = await importFiles({ ...options, runId: 'anew', skipUnchanged: copy }, hastyClock())
    expect(again.summary.objects.unchanged).toBeGreaterThan(0)
    expect(again.summary.objects.unchanged).toBeLessThanOrEqual(summary.objects.verified)
  })
})

test('what a crash tore is cut off, the run goes on, and no event is sent twice', async () => {
  const sentBefore = eventsIn(sandbox)
  const torn = sealedText([{ t: 'sent', at: 1, seq: 70, attempt: 1, object: { file: 'x' } }])
  const copy = copyWith(Buffer.concat([whole, Buffer.from(`${torn.slice(0, 40)}\0\0\0`)]))
  const { summary } = await resume(copy, options, hastyClock())
  expect(summary.status).toBe('finished')
  const after = eventsIn(sandbox)
  for (const [id, times] of after)
    if (times > (sentBefore.get(id) ?? 0)) expect([id, times - (sentBefore.get(id) ?? 0)]).toEqual([id, 1])
  expect((await loadState(copy)).damage).toBeNull()
})

test('a journal that is not there, or no file, is said in words', async () => {
  await expect(report(join(cwd, 'nowhere'))).rejects.toMatchObject({ code: 'run_not_found' })
  const odd = join(cwd, 'odd')
  mkdirSync(join(odd, 'journal.ndjson'), { recursive: true })
  await expect(report(odd)).rejects.toMatchObject({ code: 'run_unreadable' })
  await expect(report(odd)).rejects.toBeInstanceOf(TrackSyncError)
})

/** Events that the sandbox was sent and has applied, and how often. */
function eventsIn({ calls }: Sandbox): Map<string, number> {
  const times = new Map<string, number>()
  for (const { body, status, fault } of calls()) {
    const id = /"id":(\d+)/.exec(body)?.[1]
    if (id === undefined || (status !== 201 && fault !== 'cut_after')) continue
    times.set(id, (times.get(id) ?? 0) + 1)
  }
  return times
}

async function expectFound(changed: Buffer, at: number): Promise<void> {
  const state = await loadState(copyWith(changed))
  expect(state.damage, `byte ${at}`).toMatchObject({ line: lineAt(at), byte: starts[lineAt(at) - 1] })
}

/** The number of the line in which a byte lies; its line end is a part of it. */
function lineAt(at: number): number {
  return starts.filter(start => start <= at).length
}

/** What lines are told apart by. */
const marks = [
  '"t":"',
  '"at":',
  '"seq":',
  '"attempt":',
  '"with":',
  '"outcome":"',
  '"reasons":[',
  '"raw":"',
  '"crc":"',
]

/** In a line: its first and last bytes, those of its keys and figures, and those of its checksum. */
function interesting(from: number, text: string): number[] {
  const to = from + text.length
  const found = marks.flatMap(mark => {
    const at = text.indexOf(mark)
    return at < 0 ? [] : [from + at, from + at + mark.length]
  })
  return [from, ...found, to - 12, to - 4, to - 3, to - 2, to - 1]
}

function becomes(byte: number): number[] {
  return [byte ^ 1, 0, 10, 0x20, 0x30].filter(other => other !== byte)
}

function flipped(at: number, to: number): Buffer {
  const changed = Buffer.from(whole)
  changed[at] = to
  return changed
}

let made = 0

function copyWith(bytes: Uint8Array): string {
  const copy = join(cwd, 'copies', String(++made % 20))
  mkdirSync(copy, { recursive: true })
  writeFileSync(journal(copy), bytes)
  return copy
}

function journal(run: string): string {
  return join(run, 'journal.ndjson')
}

function inputFile(name: string, lines: string[]): string {
  const path = join(cwd, name)
  writeFileSync(path, `${lines.join('\n')}\n`)
  return path
}

function plans(): string[] {
  const rows = Array.from({ length: 30 }, (_, i) => (i === 7 ? 'x' : `u${i % 9},p${i},${i}`))
  return ['external_id,plan,n:integer', ...rows]
}

function events(): string[] {
  return Array.from({ length: 45 }, (_, id) => {
    return JSON.stringify({ external_id: `e${id % 20}`, name: 'n', time: '2024-01-01', properties: { id } })
  })
}

function stoppedAfter(rows: number): ImportOptions {
  const stop = new AbortController()
  let before = 0
  return {
    ...options,
    stop,
    onStart: progress => {
      before = progress.ended
    },
    onProgress: ({ ended }) => {
      if (ended - before >= rows) stop.abort({ exit: 'interrupted', message: 'Interrupted.' })
    },
  }
}
