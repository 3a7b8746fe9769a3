import { cpSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  createSandbox,
  importFiles,
  type ImportOptions,
  resume,
  type SandboxOptions,
} from '../../src/index.ts'
import { noExports } from '../support/looks.ts'
import { readCsv, readEntries, temporaryFolder } from '../support/run-folder.ts'

const cwd = temporaryFolder()

describe('rows that ride together', () => {
  const text = `external_id,plan,step:integer,city\n${[
    'u1,gold,1,Porto',
    'u2,gold,1,',
    'u1,silver,2,',
    'u1,,3,Braga',
    'u1,silver,4,',
    'u2,gold,2,',
  ].join('\n')}\n`

  test('keep their own lines and verdicts, and the profile is as if they had gone alone', async () => {
    const { receipt, sandbox } = await run(text, { coalesce: true })
    const { summary, folder } = receipt
    expect(sandbox.calls()).toHaveLength(2)
    expect(summary.requests).toMatchObject({ sent: 2, answered: 2, coalesced: 4, retried: 0 })
    expect(summary.objects).toMatchObject({ total: 6, verified: 5, unverifiable: 1 })
    expect(summary.reasons).toEqual({ exact: 7, superseded: 6 })
    const judged = readCsv(join(folder, 'values.csv')).map(({ row, field, verdict, reason }) =>
      [row, field, verdict, reason].join(' '),
    )
    expect(judged.slice(0, 3)).toEqual([
      '1 plan unverifiable superseded',
      '1 step unverifiable superseded',
      '1 city unverifiable superseded',
    ])
    // The same value as the one that was held in the end.
    expect(judged).toContain('3 plan match exact')
    const profiles = sandbox.profiles().map(({ custom_attributes }) => custom_attributes)
    expect(profiles).toEqual([
      { plan: 'silver', step: 4, city: 'Braga' },
      { plan: 'gold', step: 2 },
    ])
  })

  test('are each left as they were by a kill at any line, and sent again without harm', async () => {
    const { receipt, sandbox } = await run(text, { coalesce: true })
    const journal = readFileSync(join(receipt.folder, 'journal.ndjson'))
    const ends = [...journal.entries()].filter(([, byte]) => byte === 10).map(([at]) => at + 1)
    for (const [i, end] of ends.slice(1, -1).entries()) {
      const folder = `${receipt.folder}-${i}`
      cpSync(receipt.folder, folder, { recursive: true })
      truncateSync(join(folder, 'journal.ndjson'), end)
      const { summary } = await resume(folder, { key: 'k' })
      const { total, verified, unverifiable } = summary.objects
      expect([total, verified + unverifiable]).toEqual([6, 6])
      expect(sandbox.profiles()[0]?.custom_attributes).toEqual({ plan: 'silver', step: 4, city: 'Braga' })
    }
  })

  test('are on record before the request leaves, each naming in whose request it rides', async () => {
    const { receipt } = await run(text, { coalesce: true })
    const sent = readEntries(receipt.folder).filter(entry => entry.t === 'sent')
    expect(sent.map(entry => [entry.seq, entry.with])).toEqual(
      expect.arrayContaining([
        [0, undefined],
        [2, 0],
        [3, 0],
        [4, 0],
        [1, undefined],
        [5, 1],
      ]),
    )
  })
})

describe('the order of values', () => {
  test('lets different attributes of a user go together, the same one never', async () => {
    const rows = Array.from({ length: 60 }, (_, i) => JSON.stringify({ external_id: 'u', [`a${i % 6}`]: i }))
    const under = new Map<string, number>()
    let [most, mostOfOne] = [0, 0]
    const { receipt } = await run(
      rows.join('\n'),
      { order: 'value', concurrency: 20 },
      { latency: 15 },
      'a.ndjson',
    )
    for (const entry of readEntries(receipt.folder)) {
      const field = String(entry.t === 'sent' || entry.t === 'answered' ? entry.seq % 6 : '')
      if (entry.t === 'sent') under.set(field, (under.get(field) ?? 0) + 1)
      if (entry.t === 'answered') under.set(field, (under.get(field) ?? 0) - 1)
      most = Math.max(
        most,
        [...under.values()].reduce((sum, count) => sum + count, 0),
      )
      mostOfOne = Math.max(mostOfOne, ...under.values())
    }
    expect([most, mostOfOne]).toEqual([6, 1])
    expect(receipt.summary.objects).toMatchObject({ total: 60, verified: 60 })
  })

  test('of users lets nothing of a user go together', async () => {
    const rows = Array.from({ length: 20 }, (_, i) => JSON.stringify({ external_id: 'u', [`a${i % 6}`]: i }))
    const { receipt } = await run(rows.join('\n'), { concurrency: 20 }, { latency: 3 }, 'a.ndjson')
    const steps = readEntries(receipt.folder).flatMap(({ t }) =>
      t === 'sent' || t === 'answered' ? [t] : [],
    )
    expect(steps).toEqual(Array.from({ length: 20 }, () => ['sent', 'answered']).flat())
  })
})

test('a row addressed by the email that the row before it writes waits for that row', async () => {
  const rows = [
    { external_id: 'u1', email: 'Ana@example.org', plan: 'gold' },
    { email: 'ana@example.org', plan: 'silver' },
    { external_id: 'u1', plan: 'bronze' },
  ].map(row => JSON.stringify(row))
  const { receipt } = await run(rows.join('\n'), {}, { latency: 10 }, 'a.ndjson')
  const steps = readEntries(receipt.folder).flatMap(entry =>
    entry.t === 'sent' || entry.t === 'answered' ? [`${entry.t} ${entry.seq}`] : [],
  )
  expect(steps).toEqual(['sent 0', 'answered 0', 'sent 1', 'answered 1', 'sent 2', 'answered 2'])
})

async function run(
  text: string,
  options: Partial<ImportOptions>,
  sandboxOptions: SandboxOptions = {},
  name = 'a.csv',
) {
  const faults = [...(sandboxOptions.faults ?? []), noExports]
  const sandbox = await createSandbox({ limit: 'off', ...sandboxOptions, faults })
  onTestFinished(() => sandbox.close())
  const file = join(cwd, name)
  writeFileSync(file, text)
  const target = { url: sandbox.url, key: 'k', rate: 'off' as const, runsDir: join(cwd, 'reports') }
  return { sandbox, receipt: await importFiles({ files: [file], ...target, ...options }) }
}
