import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  createSandbox,
  importFiles,
  Memory,
  plan,
  type Progress,
  reconcile,
  report,
  type Source,
} from '../src/index.ts'
import { version } from '../src/model/version.ts'
import { readEntries, temporaryFolder } from './support/run-folder.ts'
import manifest from '../package.json' with { type: 'json' }

const runsDir = temporaryFolder()
const source = (text: string, name = 'memory.csv'): Source => ({
  name,
  chunks: async function* () {
    yield Buffer.from(text)
  },
})

describe('the library', () => {
  test('imports from a source of the caller, tells progress, and gives the receipt', async () => {
    const sandbox = await createSandbox({ limit: 'off' })
    const seen: Readonly<Progress>[] = []
    const receipt = await importFiles({
      files: [source('external_id,plan\nu1,gold\n,nobody\nu1,silver\n')],
      url: sandbox.url,
      key: 'k',
      rate: 'off',
      runsDir,
      onProgress: progress => seen.push(progress),
    })
    expect(receipt.summary.objects).toMatchObject({ total: 3, verified: 2, invalid: 1 })
    expect(receipt.summary.exitCode).toBe(1)
    expect(seen.at(-1)).toMatchObject({ total: 3, ended: 3, verified: 2, failed: 1, requests: 2 })
    expect(sandbox.profiles().map(profile => profile.custom_attributes)).toEqual([{ plan: 'silver' }])
    expect((await report(receipt.folder)).summary).toEqual(receipt.summary)
    await sandbox.close()
  })

  test('rows of one user never overlap and keep their order', async () => {
    const sandbox = await createSandbox({ limit: 'off', latency: 2 })
    const users = ['a', 'b', 'c']
    const rows = Array.from({ length: 90 }, (_, i) => `${users[i % 3]},${i}`)
    const files = [source(`external_id,step:integer\n${rows.join('\n')}\n`)]
    const { folder } = await importFiles({
      files,
      url: sandbox.url,
      key: 'k',
      rate: 'off',
      runsDir,
      runId: 'order',
    })
    const under = new Map<string, number>()
    const userOf = new Map<number, string>()
    for (const entry of readEntries(folder)) {
      if (entry.t === 'sent' && entry.object !== undefined) {
        userOf.set(entry.seq, entry.object.user)
        const last = under.get(entry.object.user)
        expect(last === undefined || last < 0 || last < entry.seq).toBe(true)
        expect(last === undefined || last < 0, 'two of one user under way').toBe(true)
        under.set(entry.object.user, entry.seq)
      }
      if (entry.t === 'answered') under.set(userOf.get(entry.seq) ?? '', -1)
    }
    const steps = users.map(user => sandbox.calls().filter(call => call.body.includes(`"${user}"`)))
    for (const calls of steps) {
      const order = calls.map(call => Number(/"step":(\d+)/.exec(call.body)?.[1]))
      expect(order).toEqual(order.toSorted((x, y) => x - y))
    }
    await sandbox.close()
  })

  test('plans without sending or writing anything', async () => {
    const planned = await plan({ files: [source('external_id,age,zip\nu1,31,00123\nu2,,28001\n,5,1\n')] })
    expect(planned).toMatchObject({ objects: 3, invalid: 1, requests: 2, minutes: 2 / 500, dataPoints: 3 })
    expect(planned.columns).toMatchObject({
      age: { type: 'number', filled: 2, empty: 1 },
      zip: { type: 'string', filled: 3, empty: 0 },
    })
    expect(planned.problems).toMatchObject([
      { code: 'identifier_missing', times: 1, first: { row: 3, line: 4 } },
    ])
  })

  test('a plan tells of every column what it holds and what is wrong with it', async () => {
    const header = 'external_id,age:integer,email_subscribe,zip,properties'
    const rows = ['u1,31,opted_in,1,x', 'u2,old,Yes,00123,', ',young,no,3,y', 'u4,1.5,,4,']
    const planned = await plan({ files: [source(`${header}\n${rows.join('\n')}\n`)] })
    expect(planned.columns).toMatchObject({
      external_id: {
        declared: true,
        type: 'string',
        filled: 3,
        empty: 1,
        problems: [],
      },
      'age:integer': {
        declared: true,
        type: 'integer',
        filled: 4,
        empty: 0,
        problems: [{ code: 'cell_type', times: 3, example: { row: 2, line: 3, came: '"old"' } }],
      },
      email_subscribe: {
        declared: true,
        type: 'string',
        problems: [{ code: 'field_value', times: 2, example: { row: 2, came: '"Yes"' } }],
      },
      zip: { declared: false, type: 'string', spoiledBy: { cell: '00123', line: 3 }, problems: [] },
      properties: { declared: false, type: 'string', filled: 2, empty: 2 },
    })
    expect(Object.keys(planned.columns)).toEqual(header.split(','))
  })

  test('a plan tells what will not be stored as asked, and the run that follows says the same', async () => {
    const long = 'x'.repeat(256)
    const body = `external_id,note,born,count,list:json
u1,${long},1990-01-02,1,"[1]"
u2,short,27/09/2017,2,"{""add"":5}"
u3,${long},,3,
`
    const files = [source(body)]
    const planned = await plan({ files })
    expect(planned.foreseen).toMatchObject([
      { reason: 'string_too_long', times: 2, first: { file: 'memory.csv', row: 1, line: 2, field: 'note' } },
      { reason: 'date_unread', times: 1, first: { row: 2, line: 3, field: 'born' } },
      { reason: 'operator_by_accident', times: 1, first: { row: 2, field: 'list' } },
    ])
    const sandbox = await createSandbox({ limit: 'off' })
    const options = { files, url: sandbox.url, key: 'k', rate: 'off' as const, runsDir, runId: 'foreseen' }
    const { summary, folder } = await importFiles({ ...options, plan: planned })
    expect(summary.reasons['string_too_long']).toBe(2)
    // Only columns that nobody declared have types to be told to the second pass.
    const types = readEntries(folder).find(entry => entry.t === 'planned')?.types
    expect(types).toEqual({ note: 'string', born: 'string', count: 'number' })
    await sandbox.close()
  })

  test('reconciles a single answer', () => {
    const body = '{"users":[{"external_id":"u1","custom_attributes":{"plan":"gold"}}],"message":"success"}'
    const answer = { status: 201, headers: {}, body, complete: true }
    const asked = {
      kind: 'attributes' as const,
      user: '{"external_id":"u1"}',
      body: { external_id: 'u1', plan: 'silver' },
    }
    const exchange = { result: { answer }, attempts: 1, durationMs: 5, inDoubt: false }
    expect(reconcile(asked, exchange, 0, new Memory())).toMatchObject({
      outcome: 'mismatched',
      reasons: ['unexplained'],
    })
  })

  test('installs no handlers and leaves nothing running', async () => {
    const events = ['SIGINT', 'SIGTERM', 'uncaughtException', 'unhandledRejection', 'exit']
    const before = events.map(event => process.listenerCount(event))
    const sandbox = await createSandbox({ limit: 'off' })
    await importFiles({
      files: [source('external_id,a\n1,2\n')],
      url: sandbox.url,
      key: 'k',
      rate: 'off',
      runsDir,
      runId: 'quiet',
    })
    await sandbox.close()
    expect(events.map(event => process.listenerCount(event))).toEqual(before)
  })

  test('a plan that fails leaves no run behind', async () => {
    const options = { url: 'http://127.0.0.1:9', key: 'k', runsDir, runId: 'never' }
    await expect(importFiles({ files: [source('a,b\n1,2\n')], ...options })).rejects.toMatchObject({
      code: 'identifier_column_missing',
    })
    await expect(report(join(runsDir, 'never'))).rejects.toThrow()
  })

  test('knows its own version', () => {
    expect(version).toBe(manifest.version)
  })
})

test('counts with which nothing would ever be sent, and a key in quotation marks, are refused', async () => {
  const files = [source('external_id,a\n1,2\n')]
  const options = { files, url: 'http://127.0.0.1:9', runsDir }
  await expect(importFiles({ ...options, key: 'k', concurrency: 0 })).rejects.toMatchObject({
    code: 'settings_invalid',
  })
  await expect(importFiles({ ...options, key: '"k"' })).rejects.toMatchObject({ code: 'settings_invalid' })
})
