import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { endpoints } from '../../src/braze/endpoints.ts'
import {
  audit,
  createSandbox,
  importFiles,
  plan,
  type Plan,
  planText,
  type PlanOptions,
  type Progress,
  type Receipt,
  resume,
  type Stop,
} from '../../src/index.ts'
import { fingerprinted } from '../../src/parse/fingerprinted-source.ts'
import { survey } from '../../src/run/survey.ts'
import { now } from '../support/build.ts'
import { trackSync } from '../support/cli.ts'
import { temporaryFolder } from '../support/run-folder.ts'

const cwd = temporaryFolder()

/** One row a user, of every kind of identifier. */
const people = [
  ...numbered(28, i => ({ external_id: `u${i}` })),
  ...numbered(4, i => ({ user_alias: { alias_name: `名前 ${i}`, alias_label: 'crm' } })),
  ...numbered(3, i => ({ email: `joão${i}@example.com` })),
  ...numbered(2, i => ({ phone: `+34600${i}` })),
]
const file = join(cwd, 'people.ndjson')
const lines = people.map((identifier, i) =>
  JSON.stringify({ ...identifier, _update_existing_only: false, first_name: 'Ana', visits: i }),
)
writeFileSync(file, `${lines.join('\n')}\n`)

function numbered<One>(count: number, one: (i: number) => One): One[] {
  return Array.from({ length: count }, (_, i) => one(i))
}

interface Made {
  planned: Plan
  receipt: Receipt
  progress: Progress[]
  /** Requests that looked up. */
  lookups: number
}

/** Plans the file, and does what is planned in a sandbox of its own. */
async function make(options: Omit<PlanOptions, 'files'>, audits = false): Promise<Made> {
  const sandbox = await createSandbox({ limit: 'off' })
  const progress: Progress[] = []
  let planned: Plan | undefined
  const common = {
    files: [file],
    url: sandbox.url,
    key: 'k',
    runsDir: cwd,
    onPlan: (one: Plan) => {
      planned = one
    },
    onStart: (one: Readonly<Progress>) => progress.push(one),
    onProgress: (one: Readonly<Progress>) => progress.push(one),
  }
  const receipt = audits ? await audit(common) : await importFiles({ ...common, rate: 'off', ...options })
  const lookups = sandbox.calls().filter(({ path }) => path === endpoints.exportIds.path).length
  await sandbox.close()
  if (planned === undefined) throw new Error('Nothing was planned.')
  return { planned, receipt, progress, lookups }
}

test.concurrent('a run makes no more lookups than its plan says, and hardly fewer', async () => {
  const made = await Promise.all([
    make({ verify: 'profile' }),
    make({ snapshot: true }),
    make({ verify: 'profile', snapshot: true }),
    make({}, true),
  ])
  for (const { planned, lookups } of made) {
    expect(planned.lookups).toMatchObject({ users: people.length, isEstimate: false })
    expect(planned.lookups?.requests ?? 0).toBeGreaterThanOrEqual(lookups)
    expect(planned.lookups?.requests ?? 0).toBeLessThanOrEqual(lookups + 10)
  }
  const [verified, , , audited] = made
  expect(verified?.receipt.summary.values).toMatchObject({ total: 74, match: 74, unverifiable: 0 })
  expect(verified?.planned.lookups?.shown).toEqual({ response: 37, lookup: 37, never: 0 })

  const waiting = verified?.progress.filter(
    ({ left, waitingForLookup }) => left === 0 && waitingForLookup > 0,
  )
  expect(waiting?.length).toBeGreaterThan(0)
  for (const { settledBy, startedAt } of waiting ?? []) expect(settledBy).toBeGreaterThan(startedAt + 300_000)
  expect(verified?.progress.at(-1)).toMatchObject({ waitingForLookup: 0, settledBy: null, mode: 'import' })

  expect(audited?.planned).toMatchObject({ requests: 0, minutes: 0, dataPoints: 0 })
  const [first, last] = [audited?.progress[0], audited?.progress.at(-1)]
  expect(first).toMatchObject({ mode: 'audit', left: people.length, requests: 0, endsAt: null })
  expect(last).toMatchObject({ left: 0, requests: 0, endsAt: null, lookups: audited?.lookups })
  const middle = audited?.progress.filter(({ left }) => left > 0).at(-1)
  expect(middle?.perMinute).toBeGreaterThan(0)
  expect(middle?.endsAt).toBeGreaterThan(middle?.startedAt ?? 0)
})

test.concurrent('a run with nothing left but lookups says so, and so does the resume of one', async () => {
  const sandbox = await createSandbox({ limit: 'off' })
  const stop = new AbortController()
  const common = { key: 'k', rate: 'off' as const }
  const stopped = await importFiles({
    ...common,
    files: [file],
    url: sandbox.url,
    verify: 'profile',
    runsDir: cwd,
    stop,
    onProgress: ({ left, waitingForLookup }) => {
      const reason: Stop = { exit: 'interrupted', message: 'Interrupted.' }
      if (left === 0 && waitingForLookup === people.length) stop.abort(reason)
    },
  })
  expect(stopped.summary.status).toBe('interrupted')
  const started: Progress[] = []
  const onStart = (progress: Readonly<Progress>) => started.push(progress)
  const resumed = await resume(stopped.folder, { ...common, onStart })
  await sandbox.close()
  expect(started).toMatchObject([{ left: 0, ended: people.length, waitingForLookup: people.length }])
  expect(resumed.summary.objects.verified).toBe(people.length)
})

test.concurrent('a row whose response was lost waits for a lookup, and is not left to be sent', async () => {
  const sandbox = await createSandbox({ faults: [{ kind: 'cut_after', calls: [1] }] })
  const row = join(cwd, 'row.csv')
  writeFileSync(row, 'external_id,plan\nu1,gold\n')
  const waiting: Partial<Progress>[] = []
  const onProgress = ({ left, waitingForLookup, endsAt }: Readonly<Progress>) => {
    if (waitingForLookup > 0) waiting.push({ left, waitingForLookup, endsAt })
  }
  const files = { files: [row], url: sandbox.url, key: 'k', runsDir: cwd }
  const { summary } = await importFiles({ ...files, replay: 'none', onProgress })
  await sandbox.close()
  expect(waiting).toEqual([{ left: 0, waitingForLookup: 1, endsAt: null }])
  expect(summary.objects.verified).toBe(1)
})

test('what was planned without lookups says what they would show', async () => {
  const planned = await plan({ files: [file] })
  expect(planned.lookups).toEqual({ purposes: [], shown: { response: 37, lookup: 37, never: 0 } })
  expect(planText(planned, 500)).toContain(
    '  not shown    37 of 74 values are in no response; --verify profile looks up all\n               of them\n',
  )
})

test('without a rate of lookups there are no minutes, and profiles on disk take no requests', async () => {
  const { lookups } = await plan({ files: [file], verify: 'profile', snapshot: true, lookupRate: 'off' })
  expect(lookups).toMatchObject({ purposes: ['verify', 'snapshot'], perMinute: null, minutes: null })

  const source = fingerprinted({
    name: 'rows.csv',
    async *chunks() {
      yield Buffer.from('external_id,plan\nu1,gold\nu2,gold\n')
    },
  })
  const against = { files: [source], against: ['export.json'] }
  const audited = await survey([source], against, now, undefined, true)
  expect(audited.lookups).toMatchObject({ purposes: ['audit'], users: 2, requests: 0, minutes: 0 })
})

test('the command plans lookups for whoever asks for them', async () => {
  const { stdout, stderr, code } = await trackSync(
    ['plan', file, '--verify', 'profile', '--lookup-rate', '40/s', '--json'],
    { cwd },
  )
  expect([code, stderr]).toEqual([0, ''])
  const { lookups } = JSON.parse(stdout) as Plan
  expect(lookups).toMatchObject({ purposes: ['verify'], users: 37, perMinute: 2400 })
  expect(lookups?.minutes).toBe((lookups?.requests ?? 0) / 2400)
})
