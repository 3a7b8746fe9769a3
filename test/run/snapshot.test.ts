import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { userKeyOf } from '../../src/braze/identifiers.ts'
import {
  importFiles,
  type ImportOptions,
  type Receipt,
  resume,
  type ResumeOptions,
  type SandboxCall,
} from '../../src/index.ts'
import { isJsonObject, type Json, type JsonObject, textOf } from '../../src/model/json.ts'
import type { ProfileSource, Wanted } from '../../src/model/observation.ts'
import { Memory } from '../../src/reconcile/memory.ts'
import { BeforeFile } from '../../src/run/before-file.ts'
import { Snapshot } from '../../src/run/snapshot.ts'
import { hastyClock } from '../support/hasty-clock.ts'
import { readCsv, readEntries, temporaryFolder } from '../support/run-folder.ts'
import { befores, sceneOf } from '../support/snapshots.ts'

const cwd = temporaryFolder()
const time = '2024-01-01T00:00:00Z'
let runs = 0

/** Users of every kind and script. */
const people: JsonObject[] = [
  { external_id: 'ñandú-1' },
  { external_id: '顧客\u2028二' },
  { external_id: '__proto__' },
  { user_alias: { alias_name: 'joão', alias_label: 'crm' }, _update_existing_only: false },
  { email: 'ana@example.com' },
  { phone: '+34600111222' },
]

describe('before a row of a user leaves', () => {
  const attributes = people.map(
    (user, i): Json => ({ ...user, plan: `gold ${i}`, ['__proto__']: 'x', 名前: i }),
  )
  const again = people.map((user): Json => ({ ...user, plan: 'silver', カード: ['a\u2028b'] }))
  const counted = people.map((user): Json => ({ ...user, name: 'アクセス', time }))
  const bought = people.map((user): Json => ({ ...user, product_id: 'té', currency: 'EUR', price: 1, time }))
  const inputs = [attributes, counted, again, bought, counted]

  test.each<[string, Partial<ImportOptions>]>([
    ['as it is', {}],
    ['coalesced', { coalesce: true }],
    ['by value', { order: 'value' }],
    ['with little read ahead', { readAhead: 1 }],
  ])('what it asks for is on the disk (%s)', async (_name, more) => {
    const folder = join(cwd, 'reports', `order-${++runs}`)
    const tooEarly: Json[] = []
    const onCall = ({ path, body }: SandboxCall) => {
      if (path !== '/users/track/sync') return
      const known = existsSync(join(folder, 'before.ndjson')) ? befores(folder) : []
      for (const [kind, [object]] of Object.entries(JSON.parse(body) as Record<string, JsonObject[]>))
        if (object !== undefined && !isKnown(known, kind, object)) tooEarly.push(object)
    }
    const { options, sent, lookups } = await sceneOf(cwd, inputs, { onCall })
    const { summary } = await importFiles({ ...options, ...more, runId: `order-${runs}` })
    expect(summary.objects).toMatchObject({ total: 30, verified: 30 })
    expect(tooEarly).toEqual([])
    expect(sent().length).toBeGreaterThan(20)
    // All who are in one batch of rows share the requests, as far as their identifiers allow.
    expect(lookups()).toBeLessThanOrEqual(inputs.length * 3)
    expect(statSync(join(folder, 'before.ndjson')).mode & 0o777).toBe(0o600)
  })

  test('a braze_id is looked up as well', async () => {
    const braze_id = '1'.padStart(24, '0')
    const { options, write } = await sceneOf(cwd, [[{ braze_id, plan: 'gold' }]])
    await write({ attributes: [{ external_id: 'u1', plan: 'red' }] })
    const { folder, summary } = await importFiles(options)
    expect(summary.objects.verified).toBe(1)
    expect(befores(folder)).toMatchObject([{ id: braze_id, profile: { custom_attributes: { plan: 'red' } } }])
  })

  test('it is looked at once for every name, however many rows ask for it', async () => {
    const rows = [{ a: 1 }, { b: 2 }, { a: 2, b: 3 }, { b: 4 }, { a: 5, c: 6 }, { c: 7, b: 1 }]
    const files = rows.map((row): Json[] => [{ external_id: 'u1', ...row }])
    const { options, lookups } = await sceneOf(cwd, files)
    const { folder } = await importFiles(options)
    const names = befores(folder).flatMap(({ profile }) =>
      Object.keys(profile['custom_attributes'] as JsonObject),
    )
    expect([names, lookups()]).toEqual([['a', 'b', 'c'], 3])
  })

  test('a row that names no user needs no look', async () => {
    const tokens = [{ app_id: 'a', token: 't' }]
    const { options, lookups } = await sceneOf(cwd, [
      [
        { push_token_import: true, push_tokens: tokens },
        { external_id: 'u1', plan: 'x' },
      ],
    ])
    const { folder, summary } = await importFiles(options)
    expect([summary.objects.total, summary.objects.notSent]).toEqual([2, 0])
    expect([befores(folder).length, lookups()]).toEqual([1, 1])
  })

  test('nothing is given on before the look has come and is kept', async () => {
    const folder = mkdtempSync(join(cwd, 'snapshot-'))
    const looked: Wanted[] = []
    let answer: () => void = () => {}
    const source: ProfileSource = {
      look: wanted => {
        looked.push(wanted)
        return new Promise(resolve => {
          answer = () => resolve({ seen: { profile: null, at: 5 } })
        })
      },
      close: async () => {},
    }
    const snapshot = await Snapshot.open(folder, source, new Memory(), new AbortController())
    onTestFinished(() => snapshot.close())
    let isOver = false
    const taken = snapshot
      .take([
        { kind: 'attributes', user: userKeyOf({ external_id: 'u1' }), body: { external_id: 'u1', a: 1 } },
      ])
      .then(() => {
        isOver = true
      })
    while (looked.length === 0) await new Promise(resolve => setImmediate(resolve))
    for (let i = 0; i < 10; i++) await new Promise(resolve => setImmediate(resolve))
    expect(isOver).toBe(false)
    answer()
    await taken
    expect(befores(folder)).toMatchObject([{ exists: false, profile: { custom_attributes: { a: null } } }])
  })
})

describe('counts and sums are judged from the first row on', () => {
  const rows = (user: string): Json[] => [
    { external_id: user, name: 'opened', time },
    { external_id: user, points: { inc: 5 } },
    { external_id: user, product_id: 'p', currency: 'EUR', price: 1, quantity: 3, time },
    { external_id: user, name: 'opened', time },
    { external_id: user, points: { inc: -2 }, other: { inc: 1 } },
    { external_id: user, other: { inc: 1 } },
    { external_id: user, product_id: 'p', currency: 'EUR', price: 1, time },
  ]
  const seeds: Record<string, Record<string, JsonObject[]>> = {
    'a profile that has them': {
      attributes: [{ external_id: 'u1', points: 40, other: 2 }],
      events: [
        { external_id: 'u1', name: 'opened', time },
        { external_id: 'u1', name: 'opened', time },
      ],
      purchases: [{ external_id: 'u1', product_id: 'p', currency: 'EUR', price: 1, quantity: 7, time }],
    },
    'a profile that has none': { attributes: [{ external_id: 'u1', plan: 'red' }] },
    'no profile': { attributes: [{ external_id: 'u9', plan: 'red' }] },
  }

  test.each(Object.entries(seeds))('of %s', async (_name, seed) => {
    const { options, write } = await sceneOf(cwd, [rows('u1')])
    await write(seed)
    const { summary } = await importFiles(options)
    expect(summary.objects).toMatchObject({ total: 7, verified: 7 })
    expect(summary.reasons).toMatchObject({ event_counted: 4, inc_confirmed: 4 })
  })

  test('without a snapshot nobody could tell', async () => {
    const { options } = await sceneOf(cwd, [rows('u1')])
    const { summary } = await importFiles({ ...options, snapshot: false })
    expect(summary.reasons).toMatchObject({ count_baseline_unknown: 2, inc_baseline_unknown: 2 })
  })

  test('also while rows of the same user are under way', async () => {
    const many: Json[] = Array.from({ length: 30 }, (_, i) => ({
      external_id: 'u1',
      [`n${i % 7}`]: { inc: 1 },
      [`m${i % 11}`]: { inc: 2 },
    }))
    // Each row in a file of its own, so that each is looked at by itself.
    const { options } = await sceneOf(
      cwd,
      many.map(row => [row]),
      { latency: 3 },
    )
    const { summary } = await importFiles({ ...options, order: 'value' })
    expect(summary.objects).toMatchObject({ total: 30, verified: 30 })
    expect(summary.reasons).toMatchObject({ inc_confirmed: 60 })
  })
})

describe('a run that was stopped', () => {
  const rows: Json[] = Array.from({ length: 24 }, (_, i) => ({
    external_id: `u${i % 8}`,
    ...(i % 2 === 0 ? { name: `e${i % 3}`, time } : { points: { inc: i }, plan: `p${i}` }),
  }))
  const seed = Array.from({ length: 8 }, (_, i) => ({
    external_id: `u${i}`,
    points: 100 + i,
    plan: 'before',
  }))

  test('is judged as one run, and its snapshot keeps what was seen first', async () => {
    const { options, write } = await sceneOf(
      cwd,
      rows.map(row => [row]),
    )
    await write({ attributes: seed })
    let receipt = await stopAfter(6, { ...options, readAhead: 3, concurrency: 2 })
    receipt = await stopAfter(6, options, given => resume(receipt.folder, given))
    receipt = await resume(receipt.folder, options)
    expect(receipt.summary.objects).toMatchObject({ total: 24, verified: 24 })
    expect(receipt.summary.reasons).toMatchObject({ event_counted: 12, inc_confirmed: 12 })
    expect(Object.keys(receipt.summary.reasons)).not.toContain('count_baseline_unknown')
    const plans = befores(receipt.folder).flatMap(({ user, profile }) => {
      const held = profile['custom_attributes']
      return isJsonObject(held) && 'plan' in held
        ? [JSON.stringify([user, held['plan'], held['points']])]
        : []
    })
    const expected = [1, 3, 5, 7].map(i =>
      JSON.stringify([userKeyOf({ external_id: `u${i}` }), 'before', 100 + i]),
    )
    expect(new Set(plans)).toEqual(new Set(expected))
    expect(plans.length).toBe(4)
  })

  test.each([1, 90])(
    'in the middle of a line, %i bytes from its end, goes on behind the last whole one',
    async bytes => {
      const { options, write, lookups } = await sceneOf(
        cwd,
        rows.map(row => [row]),
      )
      await write({ attributes: seed })
      const first = await stopAfter(12, { ...options, readAhead: 2, concurrency: 1 })
      const path = join(first.folder, 'before.ndjson')
      const whole = befores(first.folder)
      truncateSync(path, statSync(path).size - bytes)
      const before = lookups()
      const { summary } = await resume(first.folder, options)
      expect(summary.objects).toMatchObject({ total: 24, verified: 24 })
      const now = befores(first.folder)
      const kept = whole.slice(0, -1)
      expect(now.slice(0, kept.length)).toEqual(kept)
      expect(now.length).toBeGreaterThan(kept.length)
      // Who is in the file is not looked at again.
      expect(lookups() - before).toBeLessThanOrEqual(rows.length)
      const seen = now.map(({ user, profile }) => JSON.stringify([user, namesIn(profile)]))
      expect(new Set(seen).size).toBe(seen.length)
    },
  )

  test('keeps the lines of all who were sent, wherever its process was killed', async () => {
    const { options, write } = await sceneOf(
      cwd,
      rows.map(row => [row]),
    )
    await write({ attributes: seed })
    const stopped = await stopAfter(15, { ...options, readAhead: 2, concurrency: 2 })
    const sentTo = new Set(
      readEntries(stopped.folder).flatMap(line =>
        line.t === 'sent' && line.object ? [line.object.user] : [],
      ),
    )
    const known = befores(stopped.folder)
    expect([...sentTo].filter(user => !known.some(line => line.user === user))).toEqual([])
    expect(sentTo.size).toBeGreaterThan(5)
  })

  test('is judged by what its responses have shown since, wherever the clock was set meanwhile', async () => {
    const { options, write } = await sceneOf(
      cwd,
      rows.map(row => [row]),
    )
    await write({ attributes: seed })
    const { folder } = await stopAfter(14, { ...options, concurrency: 1 })
    const known = befores(folder)
    rmSync(join(folder, 'before.ndjson'))
    const file = await BeforeFile.write(folder)
    await file.append(known.map(line => ({ ...line, at: line.at + 86_400_000 })))
    await file.close()
    const { summary } = await resume(folder, options)
    expect(summary.objects).toMatchObject({ total: 24, verified: 24 })
    expect(summary.reasons).toMatchObject({ event_counted: 12, inc_confirmed: 12 })
  })

  test('is not resumed, nor its snapshot guessed over, where that is damaged', async () => {
    const { options, write } = await sceneOf(cwd, [rows])
    await write({ attributes: seed })
    const { folder } = await stopAfter(12, { ...options, concurrency: 1 })
    const path = join(folder, 'before.ndjson')
    const text = readFileSync(path, 'utf8')
    const ways: [string, number][] = [
      [text.replace('"exists":true', '"exists":false'), 1],
      [text.split('\n').toSpliced(1, 1).join('\n'), 2],
      [`${text}{"user":"x"}\n`, text.split('\n').length],
      [text.replace('\n', '\n\n'), 2],
    ]
    for (const [damaged, line] of ways) {
      expect(damaged).not.toBe(text)
      writeFileSync(path, damaged)
      const error = await resume(folder, options).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'run_damaged', problem: { file: path, line } })
    }
    writeFileSync(path, text)
    expect((await resume(folder, options)).summary.objects.verified).toBe(24)
  })
})

describe('where profiles cannot be read', () => {
  test('for want of the permission, the run stops before anything is sent', async () => {
    const { options, sent } = await sceneOf(cwd, [[{ external_id: 'u1', plan: 'x' }]], {
      faults: [{ kind: 'refuse', status: 403, on: 'export' }],
    })
    const { summary, facts } = await importFiles(options)
    expect([summary.status, summary.exitCode, summary.objects.notSent]).toEqual(['stopped', 5, 1])
    expect(facts.stop?.next).toContain('users.export.ids')
    expect(sent()).toEqual([])
  })

  test('because they fail again and again, it stops, and a resume sends what was not', async () => {
    // As often as one request is repeated.
    const faults = [{ kind: 'refuse', status: 500, on: 'export', calls: [1, 2, 3, 4, 5, 6, 7] }] as const
    const rows = Array.from({ length: 4 }, (_, i): Json => ({ external_id: `u${i}`, plan: 'x' }))
    const { options, sent } = await sceneOf(cwd, [rows], { faults })
    const first = await importFiles(options, hastyClock())
    expect([first.summary.status, first.summary.exitCode]).toEqual(['stopped', 3])
    expect(first.facts.stop?.message).toMatch(/^The snapshot is not complete: .* responded with 500/)
    expect(first.summary.objects).toMatchObject({ total: 4, notSent: 4 })
    expect(sent()).toEqual([])
    const second = await resume(first.folder, options)
    expect(second.summary.objects).toMatchObject({ total: 4, verified: 4 })
    expect(befores(first.folder).length).toBe(4)
  })

  test('some of them, those who were seen are kept, and nobody of the batch is sent', async () => {
    const folder = mkdtempSync(join(cwd, 'snapshot-'))
    const stop = new AbortController()
    const source: ProfileSource = {
      look: async ({ user }) =>
        user.includes('u2')
          ? { unseen: { why: 'failed', message: 'no' } }
          : { seen: { profile: { external_id: 'u1' }, at: 1 } },
      close: async () => {},
    }
    const snapshot = await Snapshot.open(folder, source, new Memory(), stop)
    onTestFinished(() => snapshot.close())
    await snapshot.take(
      ['u1', 'u2', 'u3'].map(id => ({
        kind: 'attributes',
        user: userKeyOf({ external_id: id }),
        body: { external_id: id, a: 1 },
      })),
    )
    expect(befores(folder).length).toBe(2)
    expect(stop.signal.reason).toMatchObject({ exit: 'stopped', message: 'The snapshot is not complete: no' })
  })
})

test('a run without a snapshot keeps no file', async () => {
  const { options, lookups } = await sceneOf(cwd, ['external_id,plan\nu1,gold\n'])
  const { folder } = await importFiles({ ...options, snapshot: false })
  expect([existsSync(join(folder, 'before.ndjson')), lookups()]).toEqual([false, 0])
  expect(readCsv(join(folder, 'rows.csv'))).toHaveLength(1)
})

function isKnown(known: ReturnType<typeof befores>, kind: string, object: JsonObject): boolean {
  const own = known.filter(({ user }) => user === userKeyOf(object)).map(({ profile }) => namesIn(profile))
  const names =
    kind === 'attributes'
      ? Object.keys(object).filter(name => !Object.hasOwn(JSON.parse(userKeyOf(object)) as object, name))
      : [textOf(object['name'] ?? object['product_id'])]
  const wanted = names.filter(name => name !== '_update_existing_only')
  return wanted.every(name => own.flat().includes(name))
}

function namesIn(profile: JsonObject): string[] {
  const lists = ['custom_events', 'purchase_events'].flatMap(name => (profile[name] ?? []) as JsonObject[])
  const attributes = (profile['custom_attributes'] ?? {}) as JsonObject
  const named = lists.map(item => textOf(item['name'] ?? item['product_id']))
  return [...Object.keys(attributes), ...named]
}

/** Runs until so many objects have ended; then somebody presses Ctrl-C. */
async function stopAfter(
  ended: number,
  options: ImportOptions,
  run: (options: ImportOptions & ResumeOptions) => Promise<Receipt> = importFiles,
): Promise<Receipt> {
  const stop = new AbortController()
  let before = 0
  return await run({
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
