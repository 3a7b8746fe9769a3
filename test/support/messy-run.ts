import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  createSandbox,
  type Fault,
  importFiles,
  type ImportOptions,
  type Receipt,
  resume,
  type ResumeOptions,
} from '../../src/index.ts'
import { hastyClock } from './hasty-clock.ts'
import { noExports } from './no-exports.ts'

/** A run in which answers come in any order and something of everything goes wrong, stopped and gone on with. */
export interface MessyRun {
  folder: string
  options: ImportOptions
  /** Runs from the beginning until so many objects have ended. */
  stopAfter: (ended: number) => Promise<Receipt>
  /** Goes on with it, to its end or until so many more have ended. */
  goOn: (ended?: number) => Promise<Receipt>
  /** Every identifier, value and cell of the input that could be known again. */
  tokens: string[]
  close: () => Promise<void>
}

const faults: Fault[] = [
  { kind: 'refuse', status: 429, ms: 5, calls: [7, 8, 31] },
  { kind: 'refuse', status: 400, calls: [11, 23, 47] },
  { kind: 'refuse', status: 503, calls: [15, 33] },
  { kind: 'wrong_identifier', calls: [19, 52] },
  { kind: 'cut_before', calls: [13, 38] },
  { kind: 'cut_after', calls: [17, 41, 60, 61] },
  { kind: 'truncated', calls: [27] },
  noExports,
]

/** What is hard to write into a cell, or should not be reckoned out by a spreadsheet. */
const hostile = [
  '=1+1',
  '@SUM(A1)',
  '-5',
  'a;=1+1',
  'two\nlines',
  'cr\rcr',
  'tab\t',
  '"quoted"',
  'nul\0',
  '😀',
  ',;|',
]

let made = 0

/** Writes its input into `cwd`: a table of attributes, lines of events, purchases and whole bodies, and broken records. */
export async function messyRun(cwd: string, seed = 1): Promise<MessyRun> {
  const tokens: string[] = []
  const token = (what: string) => {
    const text = `Zq${what}${seed}x${tokens.length}qZ`
    tokens.push(text)
    return text
  }
  const number = (i: number) => {
    const digits = String(7_310_000_000 + seed * 1000 + i)
    tokens.push(digits)
    return digits
  }
  const users = Array.from({ length: 25 }, () => token('user'))
  const user = (i: number) => users[(i * 7 + seed) % users.length] ?? ''
  const table = Array.from({ length: 60 }, (_, i) => {
    if (i % 17 === 3) return `${user(i)},${token('cell')}`
    const note = `${hostile[i % hostile.length]}${token('note')}${i % 13 === 0 ? 'x'.repeat(300) : ''}`
    const cells = [
      i % 19 === 5 ? '' : user(i),
      token('plan'),
      number(i),
      i % 11 === 4 ? token('bad') : '4',
      note,
    ]
    return cells.map(cell => `"${cell.replaceAll('"', '""')}"`).join(',')
  })
  const lines = Array.from({ length: 50 }, (_, i) => {
    const [external_id, time] = [user(i), `2024-01-${String((i % 28) + 1).padStart(2, '0')}T00:00:00Z`]
    if (i % 15 === 2) return `{"broken": "${token('json')}`
    if (i % 4 === 0)
      return JSON.stringify({
        external_id,
        product_id: token('product'),
        currency: 'EUR',
        price: 10 + i,
        time,
      })
    if (i % 7 === 0)
      return JSON.stringify({
        events: [{ external_id, name: token('event'), time }],
        attributes: [{ external_id, tags: [token('tag')] }],
      })
    return JSON.stringify({
      external_id,
      name: token('event'),
      time,
      properties: { size: token('size'), [`=f${i % 2}`]: -i },
    })
  })
  const name = `messy-${seed}-${++made}`
  const files = [join(cwd, `${name}.csv`), join(cwd, `${name}.ndjson`)]
  const bytes = Buffer.from(`external_id,plan,=points,age:integer,note\n${table.join('\n')}\n`)
  // A record that is not in the encoding of its file; its bytes are kept all the same.
  writeFileSync(
    files[0] ?? '',
    Buffer.concat([bytes, Buffer.from(`${token('user')},caf\xe9,1,2,x\n`, 'latin1')]),
  )
  writeFileSync(files[1] ?? '', `${lines.join('\n')}\n`)
  const sandbox = await createSandbox({ limit: 'off', faults, seed, latency: { p50: 2, p95: 12 } })
  const options: ImportOptions = {
    files,
    url: sandbox.url,
    key: 'k',
    rate: 'off',
    concurrency: 12,
    maxErrors: 1000,
    runsDir: join(cwd, 'reports'),
    runId: name,
  }
  const folder = join(cwd, 'reports', name)

  async function until(ended: number, work: (told: ImportOptions & ResumeOptions) => Promise<Receipt>) {
    const stop = new AbortController()
    let before = 0
    return await work({
      ...options,
      stop,
      onStart: progress => {
        before = progress.ended
      },
      onProgress: progress => {
        if (progress.ended - before >= ended) stop.abort({ exit: 'interrupted', message: 'Interrupted.' })
      },
    })
  }

  return {
    folder,
    options,
    stopAfter: ended => until(ended, told => importFiles(told, hastyClock())),
    goOn: (ended = Number.POSITIVE_INFINITY) => until(ended, told => resume(folder, told, hastyClock())),
    tokens,
    close: sandbox.close,
  }
}
