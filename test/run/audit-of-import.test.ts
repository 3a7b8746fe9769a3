import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import {
  audit,
  createSandbox,
  importFiles,
  type Outcome,
  type ReasonCode,
  type Receipt,
  reasons,
  type Sandbox,
} from '../../src/index.ts'
import type { Json, JsonObject } from '../../src/model/json.ts'
import { attributes, event, purchase } from '../support/any-object.ts'
import { hastyClock } from '../support/hasty-clock.ts'
import { write } from '../support/read-only-host.ts'
import { readCsv, temporaryFolder } from '../support/run-folder.ts'

const cwd = temporaryFolder()
let made = 0

const standard = fc.record(
  {
    first_name: fc.constantFrom('Ana', '雪', ''),
    country: fc.constantFrom('ES', 'Spain', 'Atlantis'),
    gender: fc.constantFrom('F', 'female'),
    dob: fc.constant('1999-12-31'),
    current_location: fc.constant({ longitude: -3.7, latitude: 40.4 }),
    subscription_groups: fc.constant<Json>([]),
  },
  { requiredKeys: [] },
)
const anyone = fc.constantFrom<JsonObject>(
  { external_id: 'u1' },
  { external_id: '雪' },
  { email: 'joão@example.com' },
  { user_alias: { alias_name: 'n', alias_label: 'l' }, _update_existing_only: false },
)
const attributesOfAnyone = fc
  .tuple(anyone, attributes, standard)
  .map(([user, { external_id: _id, ...body }, more]): JsonObject => ({ ...body, ...more, ...user }))
const rows = fc.array(fc.oneof({ weight: 3, arbitrary: attributesOfAnyone }, event, purchase), {
  minLength: 1,
  maxLength: 12,
})

/** A limit explains such a difference in the same way, whether a response or a profile shows it. */
const unstored: ReadonlySet<string> = new Set(
  Object.entries(reasons).flatMap(([code, { counts }]) => (counts === 'differ' ? [code] : [])),
)

test('what an import has verified differs in no audit, and what it found to differ does', async () => {
  await fc.assert(
    fc.asyncProperty(rows, async bodies => {
      const sandbox = await createSandbox({ limit: 'off', exportLimit: 'off' })
      try {
        const files = [file(bodies)]
        const imported = valuesIn(
          await importFiles({ files, ...to(sandbox), rate: 'off', maxErrors: 1000 }, hastyClock()),
        )
        const { folder, summary } = await audit({ files, ...to(sandbox) }, hastyClock())
        const audited = valuesIn({ folder })
        for (const [key, { outcome, reason, verdict }] of audited) {
          const before = imported.get(key)
          // What was rejected is not on the profile, unless another row put it there.
          if (before?.outcome === 'rejected') continue
          const what = `${key}: ${before?.reason} became ${reason}`
          expect(outcome, what).not.toBe('unknown')
          if (before !== undefined && before.verdict !== 'unverifiable' && !unstored.has(before.reason))
            expect(['match', 'equivalent', 'unverifiable'], what).toContain(verdict)
        }
        expect(summary.objects.total).toBe(bodies.length)
      } finally {
        await sandbox.close()
      }
    }),
    { numRuns: 20 },
  )
})

test('of many profiles, exactly those that somebody has changed differ', async () => {
  const sandbox = await createSandbox({ limit: 'off', exportLimit: 'off' })
  onTestFinished(() => sandbox.close())
  const bodies = Array.from({ length: 300 }, (_, i): JsonObject => {
    const external_id = `u${i}`
    if (i % 3 === 1) return { external_id, name: `event ${i % 2}`, time: '2024-01-01T00:00:00Z' }
    return { external_id, plan: `plan ${i % 5}`, points: i, first_name: `Ana ${i}` }
  })
  const files = [file(bodies)]
  const before = await importFiles({ files, ...to(sandbox), rate: 'off' }, hastyClock())
  expect(before.summary.exitCode).toBe(0)
  expect((await audit({ files, ...to(sandbox) }, hastyClock())).summary.exitCode).toBe(0)

  const changed = new Map<string, ReasonCode>()
  for (let i = 0; i < 300; i += 7) {
    if (i % 3 === 1) continue
    const [field, value] = i % 2 === 0 ? ['plan', 'changed'] : ['first_name', 'Eva']
    await write(sandbox, { attributes: [{ external_id: `u${i}`, [field ?? '']: value ?? '' }] })
    changed.set(`${i + 1} ${field}`, 'unexplained')
  }
  await write(sandbox, { attributes: [{ external_id: 'u0', points: null }] })
  changed.set('1 points', 'key_missing')
  const { folder, summary } = await audit({ files, ...to(sandbox) }, hastyClock())
  const differing = readCsv(join(folder, 'values.csv')).filter(({ verdict = '' }) => {
    return !['match', 'equivalent', 'unverifiable'].includes(verdict)
  })
  expect(new Map(differing.map(({ row, field, reason }) => [`${row} ${field}`, reason]))).toEqual(changed)
  expect(summary.exitCode).toBe(1)
})

interface Value {
  outcome: Outcome
  reason: string
  verdict: string
}

/** The values of a run by row and field. */
function valuesIn({ folder }: Pick<Receipt, 'folder'>): Map<string, Value> {
  const outcomes = new Map(readCsv(join(folder, 'rows.csv')).map(({ row, outcome }) => [row, outcome]))
  return new Map(
    readCsv(join(folder, 'values.csv')).map(({ row, field, reason = '', verdict = '' }) => {
      return [`${row} ${field}`, { outcome: outcomes.get(row) as Outcome, reason, verdict }]
    }),
  )
}

function to({ url }: Sandbox) {
  return { url, key: 'k', lookupRate: 'off', runsDir: join(cwd, 'runs') } as const
}

function file(bodies: readonly JsonObject[]): string {
  const path = join(cwd, `rows-${++made}.ndjson`)
  writeFileSync(path, bodies.map(body => `${JSON.stringify(body)}\n`).join(''))
  return path
}
