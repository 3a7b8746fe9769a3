import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  audit,
  createSandbox,
  importFiles,
  report,
  type Receipt,
  resume,
  type Stop,
  undo,
  type UndoOptions,
  type UndoPlan,
} from '../../src/index.ts'
import { lockRun } from '../../src/journal/lock.ts'
import { isJsonObject, type Json, type JsonObject } from '../../src/model/json.ts'
import type { ProfileSource } from '../../src/model/observation.ts'
import { checkUndoOptions } from '../../src/options.ts'
import { loadState } from '../../src/run/load.ts'
import { leftBy } from '../../src/run/put-back.ts'
import { readingsOf } from '../../src/run/survey.ts'
import { planUndo } from '../../src/run/undo.ts'
import { account } from '../support/build.ts'
import { hastyClock } from '../support/hasty-clock.ts'
import { readCsv, readEntries, temporaryFolder } from '../support/run-folder.ts'
import { befores, type Scene, sceneOf } from '../support/snapshots.ts'

const cwd = temporaryFolder()
const time = '2024-01-01T00:00:00Z'
const ana = { external_id: 'ana' }

describe('an undo', () => {
  test('is a run of its own, with an ordinary receipt', async () => {
    const scene = await sceneOf(cwd, [
      [{ ...ana, plan: 'gold', score: { inc: 5 }, first_name: 'Ana', extra: 'x' }],
    ])
    await scene.write({ attributes: [{ ...ana, plan: '顧客', score: 2, first_name: 'José' }] })
    const run = await importFiles(scene.options)
    const { receipt, planned } = await undone(scene, run)
    expect(planned).toMatchObject({ users: 1, values: 4, asBefore: 0, occurrences: 0 })
    expect(Object.values(planned.left).every(times => times === 0)).toBe(true)
    expect(receipt?.folder).not.toBe(run.folder)
    expect(receipt?.summary).toMatchObject({
      status: 'finished',
      exitCode: 0,
      objects: { total: 1, verified: 1 },
    })
    expect(receipt?.summary.reasons).toMatchObject({
      exact: 2,
      null_removed: 1,
      standard_field_not_echoed: 1,
    })
    // A profile that is gone by then is not created again.
    const row = {
      ...ana,
      plan: '顧客',
      score: 2,
      first_name: 'José',
      extra: null,
      _update_existing_only: true,
    }
    expect(scene.sent().at(-1)).toEqual({ attributes: [row] })
    expect(await attributesOf(scene, ana)).toEqual({ plan: '顧客', score: 2 })
    expect((await report(receipt?.folder ?? '')).summary).toEqual(receipt?.summary)
  })

  test('leaves events and purchases, and says so before it starts', async () => {
    const rows = [
      { ...ana, plan: 'gold' },
      { ...ana, name: 'opened', time },
      { ...ana, product_id: 'p', currency: 'EUR', price: 1, time },
    ]
    const scene = await sceneOf(cwd, [rows])
    const run = await importFiles(scene.options)
    const sent = scene.sent().length
    const { planned } = await undone(scene, run, {
      agree: ({ occurrences }) => {
        expect([occurrences, scene.sent().length]).toEqual([2, sent])
        return true
      },
    })
    expect(planned.values).toBe(1)
    const [profile] = await scene.look([ana])
    expect(profile).toMatchObject({ custom_events: [{ count: 1 }], purchases: [{ count: 1 }] })
  })

  test('sends nothing where somebody says no, or nothing is left to do', async () => {
    const scene = await sceneOf(cwd, [[{ ...ana, plan: 'gold' }]])
    const run = await importFiles(scene.options)
    const sent = scene.sent().length
    const runs = () => readdirSync(join(cwd, 'reports')).length
    const before = runs()
    expect((await undone(scene, run, { agree: () => false })).receipt).toBeUndefined()
    await scene.write({ attributes: [{ ...ana, plan: null }] })
    const { receipt, planned } = await undone(scene, run)
    expect([receipt, planned.values, planned.asBefore]).toEqual([undefined, 0, 1])
    expect([scene.sent().length, runs()]).toEqual([sent, before])
  })

  test('lists what others have changed since, and leaves it alone', async () => {
    const user = { external_id: '=顧客"1' }
    const last = { plan: 'gold', '=カード': ['a', 'b'], score: { inc: 1 }, same: 1 }
    // What somebody else has set since is what the run had set for a while.
    const scene = await sceneOf(cwd, [
      [
        { ...user, plan: 'blue' },
        { ...user, ...last },
      ],
    ])
    await scene.write({ attributes: [{ ...user, plan: 'red', same: 0 }] })
    const run = await importFiles(scene.options)
    // The same elements in another order, and a number that somebody else has counted on.
    await scene.write({ attributes: [{ ...user, plan: 'blue', '=カード': ['b', 'a'], score: { inc: 1 } }] })
    const { planned } = await undone(scene, run)
    expect([planned.values, planned.left.changed_since]).toEqual([1, 3])
    expect(readCsv(planned.leftFile)).toEqual(
      [
        ['plan', '"red"', '"gold"', '"blue"'],
        ["'=カード", 'null', '["a","b"]', '["b","a"]'],
        ['score', 'null', '1', '2'],
      ].map(([field, before, left_by_run, now]) => {
        return { user: JSON.stringify(user), field, before, left_by_run, now, reason: 'changed_since' }
      }),
    )
    expect(await attributesOf(scene, user)).toEqual({
      plan: 'blue',
      '=カード': ['b', 'a'],
      score: 2,
      same: 0,
    })
  })

  test('of several rows puts back what was there before the first', async () => {
    const rows = [
      { plan: 'a', tags: ['x'] },
      { plan: 'b' },
      { tags: { add: ['y'] }, n: { inc: 2 } },
      { n: { inc: 3 } },
    ]
    const scene = await sceneOf(cwd, [rows.map((row): Json => ({ ...ana, ...row }))])
    await scene.write({ attributes: [{ ...ana, plan: 'first', tags: ['z'], n: 7 }] })
    const run = await importFiles(scene.options)
    const { planned } = await undone(scene, run)
    expect([planned.users, planned.values, scene.sent().length]).toEqual([1, 3, 5])
    expect(await attributesOf(scene, ana)).toEqual({ plan: 'first', tags: ['z'], n: 7 })
  })

  test('reads names of attributes as what they are, whatever else they could mean in a file', async () => {
    const names = [
      'custom_attributes',
      'users',
      'devices',
      'payload',
      'events',
      'a:integer',
      'user_alias_name',
      '__proto__',
    ]
    const body = Object.fromEntries(
      names.map(name => [name, name === 'custom_attributes' ? { a: 1 } : ['7']]),
    )
    const scene = await sceneOf(cwd, [[{ attributes: [{ ...ana, ...body }] }]])
    const before = Object.fromEntries(names.map(name => [name, [{ t: 1 }]]))
    await scene.write({ attributes: [{ ...ana, ...before }] })
    const run = await importFiles(scene.options)
    expect((await undone(scene, run)).planned.values).toBe(names.length)
    expect(await attributesOf(scene, ana)).toEqual(before)
  })

  test('clears what a new profile got; the profile itself stays', async () => {
    const scene = await sceneOf(cwd, [[{ ...ana, plan: 'gold', email: 'ana@example.com' }]])
    const run = await importFiles(scene.options)
    expect((await undone(scene, run)).planned).toMatchObject({ users: 1, values: 2 })
    const [profile] = await scene.look([ana])
    expect(profile).toMatchObject({ external_id: 'ana', email: null, custom_attributes: {} })
  })

  test('with --verify profile looks up what it has put back', async () => {
    const scene = await sceneOf(cwd, [[{ ...ana, first_name: 'Ana', home_city: 'X' }]])
    await scene.write({ attributes: [{ ...ana, first_name: 'José' }] })
    const run = await importFiles(scene.options)
    const { receipt } = await undone(scene, run, { verify: 'profile', settleMs: 10 })
    expect(receipt?.summary.objects).toMatchObject({ total: 1, verified: 1 })
    expect(receipt?.summary.reasons).toMatchObject({ exact: 1, null_removed: 1 })
  })

  test('takes every option that it is said to take', () => {
    const wanted: Required<Omit<UndoOptions, 'proxy' | 'runId'>> = {
      key: 'k',
      url: 'http://127.0.0.1:1',
      target: 'here',
      newKey: true,
      noLookups: false,
      agree: () => true,
      runsDir: 'runs',
      rate: { requests: 5, windowMs: 60_000 },
      concurrency: 1,
      order: 'value',
      readAhead: 5,
      timeoutMs: 1000,
      afterUnknown: 'continue',
      afterRejected: 'hold',
      replay: 'all',
      verify: 'profile',
      settleMs: 1000,
      lookupRate: 'off',
      maxErrors: 5,
      maxRetries: 5,
      stop: new AbortController(),
      onPlan: () => {},
      onStart: () => {},
      onProgress: () => {},
    }
    expect(checkUndoOptions({ ...wanted, proxy: 'http://127.0.0.1:2', runId: 'x' })).toMatchObject({
      maxErrors: 5,
    })
  })
})

describe('a row whose response was lost', () => {
  // The look that was to settle it is refused, and the run stops.
  const rows: Json[] = ['silver', 'gold'].map(plan => ({ ...ana, plan, n: { inc: 1 } }))

  test.each<['cut_before' | 'cut_after', string, number]>([
    ['cut_before', 'silver', 1],
    ['cut_after', 'gold', 2],
  ])('(%s): whichever of the values of the run stands is undone', async (kind, plan, n) => {
    const scene = await sceneOf(cwd, [rows], {
      faults: [
        { kind, calls: [2] },
        { kind: 'refuse', status: 403, on: 'export', calls: [2] },
      ],
    })
    await scene.write({ attributes: [{ ...ana, plan: 'red' }] })
    const run = await importFiles({ ...scene.options, replay: 'none' }, hastyClock())
    expect(run.summary.objects).toMatchObject({ verified: 1, unknown: 1 })
    expect(await attributesOf(scene, ana)).toEqual({ plan, n })
    const { planned } = await undone(scene, run)
    // What one that is not known to be counted has left of a sum nobody can tell.
    const isOpen = kind === 'cut_after'
    expect([planned.values, planned.left.result_unknown]).toEqual(isOpen ? [1, 1] : [2, 0])
    expect(await attributesOf(scene, ana)).toEqual(isOpen ? { plan: 'red', n: 2 } : { plan: 'red' })
  })
})

test('a value that another of the same request replaced was never there', () => {
  const body = { ...ana, plan: 'gold', first_name: 'Ana' }
  const sent = account({ body, echoed: { ...ana, custom_attributes: { plan: 'red' } } })
  const left = leftBy({ ...sent, reasons: ['superseded', 'standard_field_not_echoed'] }, readingsOf({}))
  expect(left).toEqual([{ field: 'first_name', value: 'Ana', isShown: false, isCertain: true }])
})

describe('what cannot be put back is listed with why', () => {
  /** What the profile held, what the run asked for, and why it stays. */
  const cases: Record<string, [was: JsonObject, asked: JsonObject, why: keyof UndoPlan['left']]> = {
    'a value that reads as an operation': [{ a: { inc: 1 } }, { a: 5 }, 'reads_as_operation'],
    'one that reads as a change of a list': [{ a: { add: ['x'] } }, { a: ['x', 'y'] }, 'reads_as_operation'],
    'a number beyond what is exact': [{ a: 2 ** 60 }, { a: 5 }, 'not_storable'],
    'such a number inside an object': [{ a: { b: [2 ** 60] } }, { a: 5 }, 'not_storable'],
    'text that is longer than a request may store': [{ a: 'x'.repeat(300) }, { a: 5 }, 'not_storable'],
    'an object with a null in it': [{ a: { b: null } }, { a: 5 }, 'not_storable'],
    'a value in which the key was': [{ a: 'my [key]' }, { a: 5 }, 'not_storable'],
    'half a character': [{ a: '\ud83d' }, { a: 5 }, 'not_storable'],
  }

  test.each(Object.entries(cases))('%s', async (_name, [was, asked, why]) => {
    const state = join(cwd, `state-${++made}.json`)
    const profile = { braze_id: 'b1', external_id: 'ana', user_aliases: [], standard: {}, custom_events: [] }
    const seed = { ...profile, custom_attributes: { ...was, b: 1 }, purchases: [], updatedAt: 0 }
    writeFileSync(state, JSON.stringify({ profiles: [seed] }))
    const scene = await sceneOf(cwd, [[{ ...ana, ...asked, b: 2 }]], { state })
    const run = await importFiles(scene.options)
    const { planned } = await undone(scene, run)
    expect([planned.values, planned.left[why]]).toEqual([1, 1])
    expect(readCsv(planned.leftFile)).toMatchObject([
      { field: 'a', before: JSON.stringify(was['a']), reason: why },
    ])
    expect(await attributesOf(scene, ana)).toMatchObject({ ...asked, b: 1 })
  })

  test('fields that no export shows, or that nothing is known to clear', async () => {
    const fields = {
      email_subscribe: 'unsubscribed',
      push_subscribe: 'opted_in',
      current_location: { longitude: 1, latitude: 2 },
      push_tokens: [{ app_id: 'a', token: 't' }],
      subscription_groups: [{ subscription_group_id: 'g', subscription_state: 'subscribed' }],
      email_open_tracking_disabled: true,
      image_url: 'https://example.com/a.png',
    }
    const scene = await sceneOf(cwd, [[{ ...ana, plan: 'x', ...fields }]])
    const run = await importFiles(scene.options)
    const { planned } = await undone(scene, run)
    expect([planned.values, planned.left.not_clearable, planned.left.not_exported]).toEqual([1, 4, 3])
    const listed = Object.fromEntries(readCsv(planned.leftFile).map(({ field, reason }) => [field, reason]))
    expect(listed).toEqual({
      email_subscribe: 'not_clearable',
      push_subscribe: 'not_clearable',
      current_location: 'not_clearable',
      push_tokens: 'not_clearable',
      subscription_groups: 'not_exported',
      email_open_tracking_disabled: 'not_exported',
      image_url: 'not_exported',
    })
  })

  test('what was subscribed, and where somebody was, is put back where it was known', async () => {
    const before = { email_subscribe: 'opted_in', current_location: { longitude: 3.5, latitude: -2 } }
    const after = { email_subscribe: 'unsubscribed', current_location: { longitude: 1, latitude: 2 } }
    const scene = await sceneOf(cwd, [[{ ...ana, ...after }]])
    await scene.write({ attributes: [{ ...ana, ...before }] })
    const run = await importFiles(scene.options)
    expect((await undone(scene, run)).planned.values).toBe(2)
    const [profile] = await scene.look([ana])
    expect(profile).toMatchObject({ email_subscribe: 'opted_in', last_coordinates: [3.5, -2] })
  })

  test('text that reads as a date comes back as a date, and the receipt says so', async () => {
    const state = join(cwd, `state-${++made}.json`)
    const profile = { braze_id: 'b1', external_id: 'ana', user_aliases: [], standard: {}, custom_events: [] }
    const held = { day: '2024-02-29', at: '2024-02-29T10:00:00.000Z', text: 'Mar 26 2026' }
    writeFileSync(
      state,
      JSON.stringify({ profiles: [{ ...profile, custom_attributes: held, purchases: [], updatedAt: 0 }] }),
    )
    const scene = await sceneOf(cwd, [[{ ...ana, day: 'never', at: 'never', text: 'never' }]], { state })
    const run = await importFiles(scene.options)
    const { receipt, planned } = await undone(scene, run)
    expect(planned.values).toBe(3)
    expect(await attributesOf(scene, ana)).toEqual({ ...held, day: '2024-02-29T00:00:00.000Z' })
    expect(receipt?.summary.reasons).toMatchObject({ date_utc_assumed: 1, exact: 2 })
    const again = await undone(scene, run)
    expect([again.receipt, again.planned.asBefore]).toEqual([undefined, 3])
  })

  test('users whose profile cannot be read; the others are undone, and a later undo does the rest', async () => {
    const others = Array.from({ length: 3 }, (_, i) => ({ email: `u${i}@example.com` }))
    // Each is a request of its own; the second is refused until it is given up.
    const scene = await sceneOf(cwd, [others.map((user): Json => ({ ...user, plan: 'gold' }))], {
      faults: [{ kind: 'refuse', status: 400, on: 'export', calls: [5] }],
    })
    const run = await importFiles(scene.options)
    expect(scene.lookups()).toBe(3)
    const first = await undone(scene, run)
    expect([first.planned.values, first.planned.left.lookup_failed]).toEqual([2, 1])
    expect(first.planned.lookupFailure).toContain('responded with 400')
    const second = await undone(scene, run)
    expect([second.planned.values, second.planned.asBefore, second.planned.lookupFailure]).toEqual([
      1,
      2,
      null,
    ])
  })
})

describe('whose profile it is', () => {
  test('that was written to under two identifiers is left alone, unless only one of them wrote attributes', async () => {
    const bea = { external_id: 'bea' }
    const scene = await sceneOf(cwd, [
      [{ ...ana, plan: 'gold' }],
      [{ email: 'ana@example.com', plan: 'silver' }],
      [{ ...bea, plan: 'gold' }],
      [{ email: 'bea@example.com', name: 'opened', time }],
    ])
    await scene.write({
      attributes: [
        { ...ana, email: 'ana@example.com', plan: 'red' },
        { ...bea, email: 'bea@example.com', plan: 'red' },
      ],
    })
    const run = await importFiles(scene.options)
    const { planned } = await undone(scene, run)
    expect([planned.values, planned.left.several_identifiers]).toEqual([1, 2])
    expect(await attributesOf(scene, ana)).toEqual({ plan: 'silver' })
    expect(await attributesOf(scene, bea)).toEqual({ plan: 'red' })
  })

  test('that an identifier no longer leads to is left alone', async () => {
    const email = 'ana@example.com'
    const scene = await sceneOf(cwd, [[{ email, plan: 'gold' }]])
    await scene.write({ attributes: [{ ...ana, email, plan: 'red' }] })
    const run = await importFiles(scene.options)
    await scene.write({ attributes: [{ ...ana, email: 'other@example.com' }] })
    await scene.write({ attributes: [{ external_id: 'bea', email, plan: 'gold' }] })
    const { receipt, planned } = await undone(scene, run)
    expect([receipt, planned.left.other_profile]).toEqual([undefined, 1])
  })

  test('of several with one identifier nobody can tell', async () => {
    const email = 'ana@example.com'
    const scene = await sceneOf(cwd, [[{ email, plan: 'gold' }]])
    await scene.write({
      attributes: [
        { ...ana, email },
        { external_id: 'bea', email },
      ],
    })
    const run = await importFiles(scene.options)
    expect(befores(run.folder)).toMatchObject([{ exists: 'ambiguous' }])
    expect((await undone(scene, run)).planned.left.other_profile).toBe(1)
    // That one of them has another address now does not say which was meant then.
    await scene.write({ attributes: [{ external_id: 'bea', email: 'bea@example.com' }] })
    const { receipt, planned } = await undone(scene, run)
    expect([receipt, planned.left.other_profile]).toEqual([undefined, 1])
  })

  test('by email, phone and alias is found again; an identifier is never written over', async () => {
    const alias = { user_alias: { alias_name: '名', alias_label: 'crm' } }
    const rows = [
      { email: 'ana@example.com', phone: '+34600111222', plan: 'gold' },
      { phone: '+34600333444', plan: 'gold' },
      { ...alias, email: 'alias@example.com', plan: 'gold', _update_existing_only: false },
    ]
    const scene = await sceneOf(cwd, [rows])
    await scene.write({ attributes: [{ email: 'ana@example.com', phone: '+34600999888' }] })
    const run = await importFiles(scene.options)
    const { planned } = await undone(scene, run)
    expect([planned.users, planned.values]).toEqual([3, 5])
    const undoes = scene
      .sent()
      .slice(3)
      .map(({ attributes }) => (attributes as JsonObject[])[0])
    expect(undoes).toEqual([
      { email: 'ana@example.com', phone: '+34600999888', plan: null, _update_existing_only: true },
      { phone: '+34600333444', plan: null, _update_existing_only: true },
      { ...alias, email: null, plan: null, _update_existing_only: true },
    ])
  })

  test('that is gone is not created again', async () => {
    const before = await sceneOf(cwd, [[{ ...ana, plan: 'gold', n: 1 }]])
    await before.write({ attributes: [{ ...ana, plan: 'red' }] })
    const run = await importFiles(before.options)
    await before.sandbox.close()
    const sandbox = await createSandbox({ limit: 'off', port: Number(new URL(before.sandbox.url).port) })
    onTestFinished(() => sandbox.close())
    const { receipt, planned } = await undone(before, run)
    // The one value that was there is gone with its profile; the other was not there either.
    expect([receipt, planned.left.changed_since, planned.asBefore]).toEqual([undefined, 1, 1])
    expect(sandbox.profiles()).toEqual([])
  })

  test('that the run did not find either is as it was', async () => {
    const scene = await sceneOf(cwd, [[{ ...ana, plan: 'gold' }]])
    const run = await importFiles({ ...scene.options, updateExistingOnly: true })
    const { receipt, planned } = await undone(scene, run)
    expect([receipt, planned.values]).toEqual([undefined, 0])
    expect(Object.values(planned.left).every(times => times === 0)).toBe(true)
  })
})

describe('a run', () => {
  const rows: Json[] = Array.from({ length: 12 }, (_, i) => ({ external_id: `u${i}`, plan: 'gold' }))

  test('that was interrupted is undone as far as it came, and can be resumed after that', async () => {
    const scene = await sceneOf(cwd, [rows])
    const stop = new AbortController()
    const run = await importFiles({
      ...scene.options,
      concurrency: 1,
      stop,
      onProgress: ({ ended }) => {
        if (ended === 5) stop.abort({ exit: 'interrupted', message: 'Interrupted.' } satisfies Stop)
      },
    })
    const { verified } = run.summary.objects
    const { planned } = await undone(scene, run)
    expect([planned.values, verified < 12]).toEqual([verified, true])
    expect((await resume(run.folder, scene.options)).summary.objects.verified).toBe(12)
    const rest = (await undone(scene, run)).planned
    expect([rest.values, rest.asBefore]).toEqual([12 - verified, verified])
  })

  test('that is in use is not undone', async () => {
    const scene = await sceneOf(cwd, [rows])
    const { folder } = await importFiles(scene.options)
    const letGo = await lockRun(folder)
    await expect(undo(folder, wantedOf(scene))).rejects.toMatchObject({ code: 'run_in_use' })
    await letGo(true)
    expect(readdirSync(folder)).not.toContain('lock')
    // And while it is being undone, it is in use.
    const agree = async () => {
      await expect(undo(folder, wantedOf(scene))).rejects.toMatchObject({ code: 'run_in_use' })
      return false
    }
    await undo(folder, { ...wantedOf(scene), agree })
    expect(readdirSync(folder)).not.toContain('lock')
  })

  test.each<[string, string, (scene: Scene) => Promise<string>]>([
    [
      'without a snapshot',
      'snapshot_missing',
      async ({ options }) => (await importFiles({ ...options, snapshot: false })).folder,
    ],
    [
      'that is an audit',
      'run_not_undoable',
      async ({ options: { files, url, key } }) => {
        return (await audit({ files, url, key, runsDir: join(cwd, 'reports') }, hastyClock())).folder
      },
    ],
    [
      'that went elsewhere',
      'run_other_target',
      async ({ options }) => (await importFiles({ ...options, target: 'elsewhere' })).folder,
    ],
    [
      'that was sent with another key',
      'run_other_target',
      async ({ options }) => (await importFiles({ ...options, key: 'another' })).folder,
    ],
    [
      'with a damaged journal',
      'run_damaged',
      async ({ options }) => damage((await importFiles(options)).folder, 'journal.ndjson'),
    ],
    [
      'with a damaged snapshot',
      'run_damaged',
      async ({ options }) => damage((await importFiles(options)).folder, 'before.ndjson'),
    ],
    ['that is not there', 'run_not_found', async () => join(cwd, 'nowhere')],
  ])('%s is refused', async (_name, code, make) => {
    const scene = await sceneOf(cwd, [rows])
    const folder = await make(scene)
    const [sent, lookups] = [scene.sent().length, scene.lookups()]
    await expect(undo(folder, wantedOf(scene))).rejects.toMatchObject({ code })
    expect([scene.sent().length, scene.lookups()]).toEqual([sent, lookups])
  })

  test('whose key was replaced is undone where that is said', async () => {
    const scene = await sceneOf(cwd, [rows])
    const run = await importFiles({ ...scene.options, key: 'another' })
    expect((await undone(scene, run, { newKey: true })).planned.values).toBe(12)
  })

  test('is not undone without the permission to read profiles', async () => {
    const scene = await sceneOf(cwd, [rows], {
      faults: [{ kind: 'refuse', status: 403, on: 'export', calls: [2, 3] }],
    })
    const run = await importFiles(scene.options)
    const sent = scene.sent().length
    const stop = new AbortController()
    await expect(undo(run.folder, { ...wantedOf(scene), stop })).rejects.toMatchObject({
      code: 'profiles_refused',
      message: expect.stringContaining('responded with 403') as string,
      next: 'Give the key the permission users.export.ids.',
    })
    expect([scene.sent().length, stop.signal.reason]).toMatchObject([sent, { exit: 'refused' }])
    expect(readdirSync(run.folder).filter(name => name.startsWith('undo'))).toEqual([])
  })

  test('is not undone where it is stopped while profiles are read', async () => {
    const stop = new AbortController()
    const reason: Stop = { exit: 'interrupted', message: 'Interrupted.' }
    let lookups = 0
    const scene = await sceneOf(cwd, [rows], {
      onCall: ({ path }) => {
        if (path === '/users/export/ids' && ++lookups === 2) stop.abort(reason)
      },
    })
    const run = await importFiles(scene.options)
    const sent = scene.sent().length
    await expect(undo(run.folder, { ...wantedOf(scene), stop })).rejects.toBe(reason)
    expect(scene.sent().length).toBe(sent)
  })
})

describe('many users', () => {
  const users = 620
  const row = (i: number, more: JsonObject): Json => ({ external_id: `u${i}`, ...more })

  test('are looked up a window at a time, and counted once each', async () => {
    const first = Array.from({ length: users }, (_, i) => row(i, { plan: 'gold' }))
    const scene = await sceneOf(cwd, [[...first, row(0, { color: 'red' })]])
    const run = await importFiles(scene.options)
    let [looking, most] = [0, 0]
    const source: ProfileSource = {
      look: async ({ user }) => {
        most = Math.max(most, ++looking)
        await new Promise(resolve => setImmediate(resolve))
        looking--
        const color = user.includes('"u0"') ? { color: 'red' } : {}
        return { seen: { profile: { custom_attributes: { plan: 'gold', ...color } }, at: 1 } }
      },
      close: async () => {},
    }
    const { folder } = run
    const state = await loadState(folder)
    const readings = readingsOf({})
    const planned = await planUndo({ folder, state, source, readings, signal: new AbortController().signal })
    expect(planned).toMatchObject({ users, values: users + 1 })
    expect([most > 100, most <= 500]).toEqual([true, true])
    const lines = readFileSync(planned.file, 'utf8').trimEnd().split('\n')
    // The first user has been decided on in the first window, and once more in the last.
    expect(lines.length).toBe(users + 1)
  })

  test('share the requests that look them up', async () => {
    const scene = await sceneOf(cwd, [Array.from({ length: 101 }, (_, i) => row(i, { plan: 'gold' }))])
    const run = await importFiles(scene.options)
    expect(scene.lookups()).toBe(3)
    expect((await undone(scene, run, { agree: () => false })).planned.values).toBe(101)
    expect(scene.lookups()).toBe(6)
  })

  test('whose lookups take the rate leave that much less to those that verify', async () => {
    const scene = await sceneOf(cwd, [[{ ...ana, first_name: 'Ana' }]])
    const run = await importFiles(scene.options)
    const clock = hastyClock()
    const startedAt = clock.now()
    const rate = { requests: 1, windowMs: 60_000 }
    const more = { verify: 'profile', lookupRate: rate, settleMs: 600_000 } as const
    const receipt = await undo(run.folder, { ...wantedOf(scene), ...more }, clock)
    const looks = readEntries(receipt?.folder ?? '').filter(line => line.t === 'lookup')
    expect(looks.map(({ at, ms }) => at - ms - startedAt >= 60_000)).toEqual([true])
  })
})

test('the files of an undo are for their owner only, and no redacted report has them', async () => {
  const scene = await sceneOf(cwd, [[{ ...ana, plan: 'gold', image_url: 'x' }]])
  const run = await importFiles(scene.options)
  await undone(scene, run)
  const own = ['before.ndjson', 'undo.ndjson', 'undo-left.csv']
  for (const name of own) expect(statSync(join(run.folder, name)).mode & 0o777).toBe(0o600)
  const { reportFolder } = await report(run.folder, { redact: true })
  expect(readdirSync(reportFolder).filter(name => own.includes(name))).toEqual([])
})

test('a folder in which nothing can be written is said before anything is sent', async () => {
  const scene = await sceneOf(cwd, [[{ ...ana, plan: 'gold' }]])
  const { folder } = await importFiles(scene.options)
  // In place of the file there is a folder.
  mkdirSync(join(folder, 'undo.ndjson.part'))
  const sent = scene.sent().length
  await expect(undo(folder, wantedOf(scene))).rejects.toMatchObject({ code: 'run_disk_full' })
  expect(scene.sent().length).toBe(sent)
})

let made = 0

function wantedOf({ options: { key, runsDir = '' } }: Scene): UndoOptions {
  return { key, rate: 'off', lookupRate: 'off', runsDir }
}

/** What is left of an undo: its receipt, and what it was about to do. */
async function undone(scene: Scene, { folder }: Receipt, more: Partial<UndoOptions> = {}) {
  const plans: UndoPlan[] = []
  const agree = async (plan: UndoPlan) => {
    plans.push(plan)
    return (await more.agree?.(plan)) ?? true
  }
  const receipt = await undo(folder, { ...wantedOf(scene), ...more, agree })
  const [planned] = plans
  if (planned === undefined) throw new Error('Nobody was asked.')
  return { receipt, planned }
}

async function attributesOf(scene: Scene, user: JsonObject): Promise<JsonObject | undefined> {
  const [profile] = await scene.look([user])
  const held = profile?.['custom_attributes']
  return isJsonObject(held) ? held : undefined
}

/** Changes one letter. */
function damage(folder: string, name: string): string {
  const path = join(folder, name)
  const text = readFileSync(path, 'utf8')
  writeFileSync(path, text.replace(/u3(?=\\?")/, 'u4'))
  expect(readFileSync(path, 'utf8')).not.toBe(text)
  return folder
}
