import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import {
  createSandbox,
  findRunFolder,
  importFiles,
  type ImportOptions,
  Memory,
  onceRun,
  plan,
  type PlanOptions,
  type Progress,
  readMapping,
  readRun,
  reconcile,
  report,
  resume,
  type Source,
  type Stream,
  TrackSyncError,
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

  test('a plan tells what will not be stored as requested, and the run that follows says the same', async () => {
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

const sound = (): Record<string, unknown> => ({
  files: [source('external_id,a\n1,2\n')],
  url: 'http://127.0.0.1:9',
  key: 'k',
  runsDir: join(runsDir, 'refused'),
})

/** What is wrong with the options of an import, the field that says so, and the code where it is a special one. */
const mistakes: [string, Record<string, unknown>, string, string?][] = [
  ['no rate', { rate: null }, 'rate'],
  ['a rate that is a number', { rate: 500 }, 'rate'],
  ['a rate as text', { rate: '8/s' }, 'rate'],
  ['a rate of nothing', { rate: { requests: 0, windowMs: 60_000 } }, 'rate.requests'],
  ['a rate without a window', { rate: { requests: 500 } }, 'rate.windowMs'],
  ['a window longer than timers go', { rate: { requests: 1, windowMs: 1e12 } }, 'rate.windowMs'],
  ['no rate for a real host', { rate: 'off', url: 'https://rest.example.test' }, 'rate'],
  ['a concurrency of none', { concurrency: 0 }, 'concurrency'],
  ['half a request', { concurrency: 0.5 }, 'concurrency'],
  ['NaN', { readAhead: Number.NaN }, 'readAhead'],
  ['Infinity', { maxErrors: Number.POSITIVE_INFINITY }, 'maxErrors'],
  ['a number below none', { maxRetries: -1 }, 'maxRetries'],
  ['a share as text', { maxErrors: '100%' }, 'maxErrors'],
  ['a share over all', { maxErrors: { percent: 101 } }, 'maxErrors.percent'],
  ['a time as text', { timeoutMs: '5' }, 'timeoutMs'],
  ['a kind that is none', { kind: 'x' }, 'kind', 'kind_unknown'],
  ['a type that is none', { columnTypes: { a: 'interger' } }, 'columnTypes.a', 'type_unknown'],
  ['a mapping with a mistake', { mapping: { colums: {} } }, 'mapping.colums', 'mapping_invalid'],
  ['a mapping that holds itself', { mapping: { constants: cyclic() } }, 'mapping', 'mapping_invalid'],
  ['a file for a mapping', { mappingFile: 'm.yaml' }, 'mappingFile'],
  ['an identifier that is none', { id: { externalId: 'a' } }, 'id.externalId'],
  ['a reading that is none', { readings: { longStrin: 'truncate' } }, 'readings.longStrin'],
  ['no files', { files: [] }, 'files'],
  ['one file for a list', { files: 'a.csv' }, 'files'],
  ['a source without bytes', { files: [{ name: 'a.csv' }] }, 'files.0'],
  ['a source without a name', { files: [{ chunks: () => [] }] }, 'files.0'],
  ['a stream that is none', { files: ['a.csv', { name: 'x', stream: 5 }] }, 'files.1'],
  ['files that are missing', { files: undefined }, 'files'],
  ['a callback that is no function', { onProgress: 'log' }, 'onProgress'],
  ['a stop that cannot stop', { stop: { signal: null } }, 'stop'],
  ['a signal for a stop', { stop: new AbortController().signal }, 'stop'],
  ['a plan of somebody else', { plan: {} }, 'plan'],
  ['a delimiter for JSON', { format: 'ndjson', delimiter: ';' }, 'delimiter'],
  ['a name that is a way out', { runId: '../elsewhere' }, 'runId'],
  ['a proxy of another kind', { proxy: 'socks://proxy.example:1080' }, 'proxy'],
  ['a host that is a number', { url: 5 }, 'url', 'host_missing'],
  ['a host that is missing', { url: undefined }, 'url', 'host_missing'],
  ['a host without https', { url: 'http://rest.example.test' }, 'url', 'host_insecure'],
  ['a host with a password', { url: 'https://me:pw@rest.example.test' }, 'url'],
  ['a key that is missing', { key: undefined }, 'key', 'key_missing'],
  ['a key in quotation marks', { key: '"k"' }, 'key'],
  ['a mistyped name', { maxErorrs: 5 }, 'maxErorrs'],
  ['an unknown name', { apiKey: 'k' }, 'apiKey'],
  ['a name of no meaning here', { headers: {} }, 'headers'],
  ['an option of the sandbox', { port: 4010 }, 'port'],
  ['a flag', { once: true }, 'once'],
]

describe('options that are wrong are refused with a code, and nothing is made of them', () => {
  test.each(mistakes)('%s', async (_says, more, field, code = 'settings_invalid') => {
    const options = { ...sound(), ...more } as unknown as ImportOptions
    for (const call of [importFiles, onceRun]) {
      const error: unknown = await call(options).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(TrackSyncError)
      expect(error).toMatchObject({ code, problem: { field, expected: expect.any(String) } })
    }
    expect(existsSync(join(runsDir, 'refused'))).toBe(false)
  })

  test('the word that was meant is named', async () => {
    const failed = importFiles({ ...sound(), maxErorrs: 5 } as unknown as ImportOptions)
    await expect(failed).rejects.toThrow(
      '`maxErorrs` is not an option of importFiles. Did you mean `maxErrors`?',
    )
  })

  test('what says nothing, and what an object inherits, is as it should be', async () => {
    const options = Object.create({ ...sound(), url: undefined, kind: undefined }) as PlanOptions
    expect(await plan(options)).toMatchObject({ objects: 1 })
  })

  test.each<[string, () => unknown, string]>([
    ['plan', () => plan(undefined as never), 'options'],
    ['plan', () => plan({ files: ['a.csv'], kind: 5 as never }), 'kind'],
    ['importFiles', () => importFiles(sound() as unknown as ImportOptions, {} as never), 'clock'],
    ['resume', () => resume(5 as never, { key: 'k' }), 'folder'],
    ['resume', () => resume(runsDir, { key: 'k', coalesc: true } as never), 'coalesc'],
    ['resume', () => resume(join(runsDir, 'nowhere'), { key: 'k' }), 'folder'],
    ['resume', () => resume(runsDir, {} as never), 'key'],
    ['readRun', () => readRun(join(runsDir, 'nowhere')), 'folder'],
    ['report', () => report(undefined as never), 'folder'],
    ['report', () => report(join(runsDir, 'nowhere')), 'folder'],
    ['report', () => report('.', { redact: 'yes' as never }), 'redact'],
    ['createSandbox', () => createSandbox({ port: 70_000 }), 'port'],
    ['createSandbox', () => createSandbox({ faults: [{ kind: 'cut' as never }] }), 'faults.0.kind'],
    ['createSandbox', () => createSandbox({ latency: { p50: 900, p95: 50 } }), 'latency'],
    ['createSandbox', () => createSandbox({ runsDir: 'x' } as never), 'runsDir'],
    ['findRunFolder', () => findRunFolder(5 as never, 'latest'), 'runsDir'],
    ['findRunFolder', () => findRunFolder(runsDir, undefined as never), 'run'],
    ['readMapping', () => readMapping(5 as never, 'm.yaml'), 'text'],
    ['reconcile', () => reconcile({ kind: 'x' } as never, {} as never, 0, new Memory()), 'asked.kind'],
    ['reconcile', () => reconcile(asked, {} as never, 0, new Memory()), 'exchange.result'],
    ['reconcile', () => reconcile(asked, exchange, Number.NaN, new Memory()), 'at'],
    ['reconcile', () => reconcile(asked, exchange, 0, {} as never), 'memory'],
    ['reconcile', () => reconcile(asked, exchange, 0, new Memory(), { x: 1 } as never), 'readings.x'],
  ])('%s looks at all that it is given (%#)', async (_call, work, field) => {
    const error: unknown = await Promise.resolve()
      .then(work)
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TrackSyncError)
    expect(error).toMatchObject({ problem: { field } })
  })

  test('a plan of other files is refused', async () => {
    const [one, two] = [source('external_id,a\n1,2\n'), source('external_id,a\n2,2\n', 'two.csv')]
    const planned = await plan({ files: [one, two] })
    const options = { ...sound(), files: [one], plan: planned } as unknown as ImportOptions
    await expect(importFiles(options)).rejects.toMatchObject({ code: 'file_changed' })
  })
})

const asked = { kind: 'attributes' as const, user: '{"external_id":"u1"}', body: { external_id: 'u1' } }
const exchange = {
  result: { lost: { sent: true, reason: 'ECONNRESET' } },
  attempts: 1,
  durationMs: 5,
  inDoubt: true,
}

function cyclic(): object {
  const itself: Record<string, unknown> = {}
  itself['again'] = itself
  return itself
}

describe('an input of the caller that fails is reported as that', () => {
  const broken = (): AsyncIterable<Uint8Array> => {
    throw mine
  }
  const mine = new RangeError('my database is gone.')
  async function* half() {
    yield Buffer.from('external_id,a\n1,2\n')
    throw mine
  }
  test.each<[string, () => Source | Stream]>([
    ['a source that gives no bytes', () => ({ name: 'rows', chunks: broken })],
    ['a source that breaks off', () => ({ name: 'rows', chunks: half })],
    ['a stream that breaks off', () => ({ name: 'rows', stream: half() })],
    ['a stream of Node that fails', () => ({ name: 'rows', stream: Readable.from(half()) })],
  ])('%s', async (_says, input) => {
    for (const work of [plan, importFiles]) {
      const options = { ...sound(), files: [input()] } as unknown as ImportOptions
      await expect(work(options)).rejects.toMatchObject({
        name: 'TrackSyncError',
        code: 'input_failed',
        message: 'rows failed: my database is gone.',
        problem: { file: 'rows' },
        cause: mine,
      })
    }
    expect(readdirSync(join(runsDir, 'refused'))).toEqual([])
  })

  test('chunks that are no bytes are told; text is taken for UTF-8', async () => {
    const files = [{ name: 'rows', stream: Readable.from([{ external_id: 'u1' }]) }]
    await expect(plan({ files })).rejects.toMatchObject({
      code: 'input_failed',
      message: 'rows yielded a chunk that is not bytes but object.',
    })
    const text = [{ name: 'rows', chunks: () => Readable.from(['external_id,a\n', 'ñ,2\n']) }]
    expect(await plan({ files: text })).toMatchObject({ objects: 1, invalid: 0 })
  })

  test('one that breaks off when it is read again stops the run, and a resume goes on', async () => {
    const sandbox = await createSandbox({ limit: 'off' })
    const text = `external_id,a\n${Array.from({ length: 50 }, (_, i) => `u${i},2\n`).join('')}`
    let reads = 0
    const files = [
      {
        name: 'rows',
        chunks: async function* () {
          if (++reads === 2) throw mine
          yield Buffer.from(text)
        },
      },
    ]
    const options = { files, url: sandbox.url, key: 'k', rate: 'off' as const, runsDir, runId: 'broken-off' }
    const { summary, facts, folder } = await importFiles(options)
    expect(summary).toMatchObject({ status: 'stopped', exitCode: 3 })
    expect(facts.stop?.message).toBe('rows failed: my database is gone.')
    const again = await resume(folder, { key: 'k', files })
    expect(again.summary.objects).toMatchObject({ total: 50, verified: 50 })
    await sandbox.close()
  })
})
