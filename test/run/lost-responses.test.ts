import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createSandbox, type Fault, importFiles, type Sandbox } from '../../src/index.ts'
import { hastyClock } from '../support/hasty-clock.ts'
import { noExports } from '../support/looks.ts'
import { readCsv, temporaryFolder } from '../support/run-folder.ts'

const cwd = temporaryFolder()

/** Every way to lose a response; some requests are applied all the same. */
const kinds: Fault[] = [
  { kind: 'refuse', status: 500 },
  { kind: 'cut_after' },
  { kind: 'refuse', status: 503 },
  { kind: 'truncated' },
  { kind: 'html' },
  { kind: 'cut_after' },
  { kind: 'refuse', status: 504 },
  { kind: 'cut_before' },
]
/** They strike every third request, by turns. */
const faults: Fault[] = kinds.map((fault, i) => ({
  ...fault,
  calls: Array.from({ length: 200 }, (_, turn) => 3 * (turn * kinds.length + i + 1)),
}))

/** What 1,000 rows ask for: events, purchases and increments of 100 users, by turns. */
const rows = Array.from({ length: 1000 }, (_, i) => {
  const user = { external_id: `u${i % 100}` }
  const time = new Date(Date.UTC(2024, 0, 1) + i * 60_000).toISOString()
  switch (i % 3) {
    case 0:
      return { ...user, name: `event ${i % 2}`, time }
    case 1:
      return { ...user, product_id: 'caixa', time, price: 1, currency: 'EUR', quantity: 1 + (i % 4) }
    default:
      return { ...user, visits: { inc: 1 + (i % 5) } }
  }
})

describe('1,000 events, purchases and increments whose responses get lost in every way', () => {
  test('with a baseline, each is applied once and verified', async () => {
    const sandbox = await createSandbox({ limit: 'off', exportLimit: 'off', faults, seed: 7 })
    onTestFinished(() => sandbox.close())
    const { summary, folder } = await send(sandbox, { snapshot: true })
    const lost = sandbox.calls().filter(({ fault, path }) => fault !== undefined && path.endsWith('/sync'))
    expect(lost.length).toBeGreaterThan(300)
    const { objects, exitCode } = summary
    expect({ ...objects, exitCode }).toMatchObject({ total: 1000, verified: 1000, unknown: 0, exitCode: 0 })
    expect(readCsv(join(folder, 'rows.csv')).every(({ outcome }) => outcome === 'verified')).toBe(true)
    expect(held(sandbox)).toEqual(requested())
  })

  test('without lookups, what is in doubt stays unknown, and nothing is sent twice', async () => {
    const sandbox = await createSandbox({ limit: 'off', faults: [...faults, noExports], seed: 7 })
    onTestFinished(() => sandbox.close())
    const { summary } = await send(sandbox, { afterUnknown: 'continue' })
    expect(summary.objects.unknown).toBeGreaterThan(100)
    expect(summary.exitCode).toBe(4)
    const asked = requested()
    for (const [key, times] of held(sandbox)) expect(times).toBeLessThanOrEqual(asked.get(key) ?? 0)
  })
})

async function send(sandbox: Sandbox, more: { snapshot?: boolean; afterUnknown?: 'continue' }) {
  const file = join(cwd, 'rows.ndjson')
  writeFileSync(file, rows.map(row => `${JSON.stringify(row)}\n`).join(''))
  const where = { files: [file], url: sandbox.url, key: 'k', runsDir: join(cwd, 'runs') }
  const patience = {
    rate: 'off',
    lookupRate: 'off',
    settleMs: 1000,
    maxErrors: 10_000,
    maxRetries: 10_000,
  } as const
  return await importFiles({ ...where, ...patience, ...more }, hastyClock())
}

/** How much of each event, product and number the profiles hold. */
function held(sandbox: Sandbox): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { external_id: id, custom_events, purchases, custom_attributes } of sandbox.profiles()) {
    for (const { name, count } of [...custom_events, ...purchases]) counts.set(`${id} ${name}`, count)
    const { visits } = custom_attributes
    if (typeof visits === 'number') counts.set(`${id} visits`, visits)
  }
  return counts
}

/** How much of each the rows ask for. */
function requested(): Map<string, number> {
  const counts = new Map<string, number>()
  for (const row of rows) {
    const [name, adds] =
      'name' in row
        ? [row.name, 1]
        : 'product_id' in row
          ? [row.product_id, row.quantity]
          : ['visits', row.visits.inc]
    const key = `${row.external_id} ${name}`
    counts.set(key, (counts.get(key) ?? 0) + adds)
  }
  return counts
}
