import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  createSandbox,
  importFiles,
  type ImportOptions,
  report,
  resume,
  type Sandbox,
  type SandboxOptions,
} from '../../src/index.ts'
import { hastyClock } from '../support/hasty-clock.ts'
import { looksIn, noExports } from '../support/looks.ts'
import { readCsv, readEntries, temporaryFolder } from '../support/run-folder.ts'

const cwd = temporaryFolder()
let made = 0

describe('values that the response does not show', () => {
  const rows = [
    { external_id: 'u1', first_name: 'João', email: 'Joao@Example.com', country: 'pt', plan: 'gold' },
    { external_id: 'u2', dob: '1990-02-28', current_location: { longitude: -3.7, latitude: 40.4 } },
    {
      external_id: 'u3',
      subscription_groups: [{ subscription_group_id: 'g', subscription_state: 'subscribed' }],
    },
    { external_id: 'u1', name: 'opened', time: '2024-01-01T00:00:00Z', properties: { size: 'XL' } },
    { email: 'maría@example.com', last_name: 'Núñez' },
    {
      user_alias: { alias_name: 'ana', alias_label: 'crm' },
      home_city: '東京',
      _update_existing_only: false,
    },
  ]

  test('are compared with the profile, each user in one look', async () => {
    const { sandbox, options } = await scene(rows)
    const { folder, summary } = await importFiles({ ...options, verify: 'profile' }, hastyClock())
    const values = readCsv(join(folder, 'values.csv')).map(({ row, field, reason }) => [row, field, reason])
    expect(values).toEqual([
      ['1', 'first_name', 'exact'],
      ['1', 'email', 'exact'],
      ['1', 'country', 'country_form'],
      ['1', 'plan', 'exact'],
      ['2', 'dob', 'exact'],
      ['2', 'current_location', 'exact'],
      ['3', 'subscription_groups', 'standard_field_not_echoed'],
      ['4', 'name', 'occurrence_listed'],
      ['4', 'time', 'date_same_instant'],
      ['4', 'properties.size', 'not_exported'],
      ['5', 'last_name', 'exact'],
      ['6', 'home_city', 'exact'],
    ])
    expect(summary).toMatchObject({ exitCode: 0, objects: { verified: 5, unverifiable: 1 } })
    // One user has nothing that an export shows; one by its email has a request of its own.
    const looked = looksIn(sandbox).map(({ users }) => users)
    expect(looked.flat()).toHaveLength(4)
    expect(looked).toContainEqual(['maría@example.com'])
    expect(summary.lookups).toMatchObject({ users: 4, failed: 0, settled: 5 })
  })

  test('stay unseen where nobody asks for more', async () => {
    const { sandbox, options } = await scene(rows)
    const { summary } = await importFiles(options, hastyClock())
    expect(summary.reasons).toMatchObject({ standard_field_not_echoed: 8 })
    expect(looksIn(sandbox)).toEqual([])
  })

  test('need no network to be reported again', async () => {
    const { sandbox, options } = await scene(rows)
    const { folder } = await importFiles({ ...options, verify: 'profile' }, hastyClock())
    const before = readCsv(join(folder, 'values.csv'))
    const calls = sandbox.calls().length
    await report(folder)
    expect([readCsv(join(folder, 'values.csv')), sandbox.calls().length]).toEqual([before, calls])
  })

  test('keep in the journal no more of a profile than was asked for', async () => {
    const { sandbox, options } = await scene([{ external_id: 'u1', first_name: 'Ana', plan: 'gold' }])
    await importFiles({ ...options, runId: `${++made}` }, hastyClock())
    const other = await scene([{ external_id: 'u1', last_name: 'Silva' }], {}, sandbox)
    const { folder } = await importFiles({ ...other.options, verify: 'profile' }, hastyClock())
    const observed = readEntries(folder).filter(({ t }) => t === 'observed')
    expect(observed).toMatchObject([{ user: { external_id: 'u1', last_name: 'Silva' } }])
    expect(JSON.stringify(observed)).not.toMatch(/gold|Ana/)
  })
})

describe('several rows of a user', () => {
  test('are looked at once, when the last has ended; what a later row set anew is said so', async () => {
    const { sandbox, options } = await scene([
      { external_id: 'u1', first_name: 'Ana', last_name: 'Silva' },
      { external_id: 'u1', first_name: 'Anna' },
      { external_id: 'u1', home_city: 'Braga' },
    ])
    const { folder } = await importFiles({ ...options, verify: 'profile' }, hastyClock())
    expect(readCsv(join(folder, 'values.csv')).map(({ field, reason }) => [field, reason])).toEqual([
      ['first_name', 'overwritten'],
      ['last_name', 'exact'],
      ['first_name', 'exact'],
      ['home_city', 'exact'],
    ])
    expect(looksIn(sandbox)).toHaveLength(1)
  })
})

describe('a value that does not show', () => {
  const row = { external_id: 'u1', first_name: 'Ana' }

  test('yet, is looked at again until it does', async () => {
    const { sandbox, options } = await scene([row], { settle: 400 })
    const patient = { ...options, verify: 'profile', settleMs: 3000 } as const
    const { summary } = await importFiles(patient)
    expect(summary).toMatchObject({ exitCode: 0, objects: { verified: 1 } })
    expect(looksIn(sandbox).length).toBeGreaterThan(0)
  })

  test('within the settle time leaves its row unknown', async () => {
    const { options } = await scene([row], { settle: 3_600_000 })
    const { folder, summary } = await importFiles({ ...options, verify: 'profile' }, hastyClock())
    expect(summary).toMatchObject({ exitCode: 4, objects: { unknown: 1 } })
    expect(readCsv(join(folder, 'values.csv'))[0]).toMatchObject({ reason: 'not_settled' })
  })
})

describe('a key that may not read profiles', () => {
  const rows = [
    { external_id: 'u1', first_name: 'Ana' },
    { external_id: 'u2', name: 'opened', time: '2024-01-01' },
  ]

  test('stops a run that was to look them up, with a clear word', async () => {
    const { options } = await scene(rows, { faults: [noExports] })
    const { summary, facts, folder } = await importFiles({ ...options, verify: 'profile' }, hastyClock())
    expect(summary).toMatchObject({ status: 'stopped', exitCode: 5 })
    expect(facts.stop?.message).toMatch(/403.*users\.export\.ids/)
    // With the permission, a resume looks up what is left.
    const { options: allowed } = await scene(rows)
    await importFiles({ ...allowed, runId: `${++made}` }, hastyClock())
    const same = { url: allowed.url, target: options.url, key: 'k', rate: 'off' as const }
    const again = await resume(folder, same, hastyClock())
    expect(again.summary).toMatchObject({ status: 'finished', exitCode: 0, objects: { verified: 2 } })
  })

  test('costs nothing but the lookups where nobody asked for them', async () => {
    const lost = { kind: 'cut_after', calls: [2] } as const
    const { options } = await scene(rows, { faults: [lost, noExports] })
    const said = new Set<string | null>()
    const { summary } = await importFiles(
      { ...options, onProgress: ({ lookupsDenied }) => void said.add(lookupsDenied) },
      hastyClock(),
    )
    expect(summary).toMatchObject({ status: 'finished', exitCode: 4, objects: { unknown: 1 } })
    expect([...said].at(-1)).toMatch(/403.*users\.export\.ids/)
  })
})

async function scene(rows: object[], host: SandboxOptions = {}, known?: Sandbox) {
  const sandbox = known ?? (await createSandbox({ limit: 'off', exportLimit: 'off', ...host }))
  onTestFinished(() => sandbox.close())
  const file = join(cwd, `${++made}.ndjson`)
  mkdirSync(cwd, { recursive: true })
  writeFileSync(file, rows.map(row => `${JSON.stringify(row)}\n`).join(''))
  const options: ImportOptions = {
    files: [file],
    url: sandbox.url,
    key: 'k',
    rate: 'off',
    lookupRate: 'off',
    runsDir: join(cwd, 'runs'),
  }
  return { sandbox, options }
}
