import { cpSync, createReadStream, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type Clock,
  createSandbox,
  type Fault,
  importFiles,
  report,
  type SandboxOptions,
  type Source,
} from '../../src/index.ts'
import { latencyOf } from '../../src/sandbox/random.ts'
import { rewrite } from './sealed.ts'

const fixture = fileURLToPath(new URL('../../fixtures/loyalty', import.meta.url))

/** Calls of the sandbox that the earlier run takes. */
const earlierRows = 30
/** What goes wrong, by the number of the call. */
const faults: Fault[] = [
  { kind: 'refuse', status: 429, ms: 12_000, calls: [78] },
  { kind: 'refuse', status: 429, ms: 20_000, calls: [152, 153] },
  { kind: 'refuse', status: 400, calls: [96, 171] },
  { kind: 'wrong_identifier', calls: [131] },
  { kind: 'cut_after', calls: [179, 228] },
]
const sandboxOptions: SandboxOptions = {
  limit: 'off',
  faults,
  readings: { longString: 'truncate' },
  pinned: { store: 'string' },
  blocked: { attributes: ['legacy_id'] },
}

/**
 * Makes the sample report in a folder: the members and visits of a fixture, sent to a sandbox where something of
 * everything goes wrong. Time is counted and not waited for, so that it is the same every time.
 */
export async function makeSample(into: string): Promise<void> {
  const runsDir = mkdtempSync(join(tmpdir(), 'track-sync-sample-'))
  const clock = countedClock(Date.parse('2024-03-04T09:00:00Z'))
  let call = 0
  const sandbox = await createSandbox({
    ...sandboxOptions,
    onCall: () => clock.pass(Math.round(latencyOf({ p50: 95, p95: 420 }, 3, ++call))),
  })
  try {
    const where = { url: sandbox.url, key: 'k', target: 'sandbox', runsDir }
    const how = {
      rate: { requests: 120, windowMs: 60_000 },
      // One at a time and no look beside it, so that nothing depends on which response is the faster one.
      concurrency: 1,
      noLookups: true,
      readings: { longString: 'truncate' as const },
    }
    const { folder: skipUnchanged } = await importFiles(
      { ...where, ...how, files: [members(earlierRows)], runId: 'february' },
      clock,
    )
    clock.pass(Date.parse('2024-03-05T09:00:00Z') - clock.now())
    const { folder } = await importFiles(
      { ...where, ...how, files: [members(), visits()], runId: 'sample', skipUnchanged, maxErrors: 20 },
      clock,
    )
    tellAnywhere(folder, runsDir, sandbox.url)
    await report(folder)
    rmSync(into, { recursive: true, force: true })
    const isOfRun = (path: string) => basename(path) !== 'lock'
    cpSync(folder, into, { recursive: true, filter: isOfRun })
  } finally {
    await sandbox.close()
    rmSync(runsDir, { recursive: true, force: true })
  }
}

/** Takes out of the journal what is another on every machine: where it was, and the port of the sandbox. */
function tellAnywhere(folder: string, runsDir: string, url: string): void {
  const places: [string, string][] = [
    [runsDir, 'reports'],
    [url, 'http://127.0.0.1:4010'],
    [`"cwd":${JSON.stringify(process.cwd())}`, '"cwd":"."'],
  ]
  rewrite(join(folder, 'journal.ndjson'), text =>
    places.reduce((told, [from, to]) => told.replaceAll(from, to), text),
  )
}

function members(rows = Number.POSITIVE_INFINITY): Source {
  const path = join(fixture, 'input.csv')
  const name = 'fixtures/loyalty/input.csv'
  if (rows === Number.POSITIVE_INFINITY) return { name, chunks: () => createReadStream(path) }
  const lines = readFileSync(path, 'utf8').split('\n')
  return textSource('february.csv', lines.slice(0, rows + 1).join('\n'))
}

function visits(): Source {
  const path = join(fixture, 'visits.ndjson')
  return { name: 'fixtures/loyalty/visits.ndjson', chunks: () => createReadStream(path) }
}

function textSource(name: string, text: string): Source {
  return {
    name,
    chunks: async function* () {
      yield Buffer.from(text)
    },
  }
}

/** A clock that nobody waits for: a wait is over at once, and so much later it is. */
function countedClock(startsAt: number): Clock & { pass: (ms: number) => void } {
  let now = startsAt
  return {
    now: () => now,
    sleep: async ms => {
      now += Math.max(0, Math.ceil(ms))
      await new Promise(resolve => {
        setImmediate(resolve)
      })
    },
    pass: ms => {
      now += ms
    },
  }
}
