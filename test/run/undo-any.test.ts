import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fields } from '../../src/braze/fields.ts'
import { userKeyOf } from '../../src/braze/identifiers.ts'
import { importFiles, type ImportOptions, undo, type UndoPlan } from '../../src/index.ts'
import { isJsonObject, type Json, type JsonObject, sameJson, setKey } from '../../src/model/json.ts'
import { attributes } from '../support/any-object.ts'
import { readCsv, temporaryFolder } from '../support/run-folder.ts'
import { sceneOf } from '../support/snapshots.ts'

const cwd = temporaryFolder()

/** Fields that the API keeps, that it refuses to clear, and that no export shows. */
const standard = fc.record(
  {
    first_name: fc.constantFrom('Ada', 'José', '花子', null),
    home_city: fc.constantFrom('São Paulo', 'x'.repeat(300), null),
    country: fc.constantFrom('US', 'Spain', 'Atlantis', null),
    time_zone: fc.constantFrom('Europe/Madrid', 'Nowhere/Else', null),
    gender: fc.constantFrom('F', 'M', null),
    dob: fc.constantFrom('1990-12-31', '2001-01-01', null),
    email: fc.constantFrom('ana@example.com', 'joão@example.com', null),
    phone: fc.constantFrom('+34600111222', '+1 (555) 123-4567', null),
    email_subscribe: fc.constantFrom('opted_in', 'unsubscribed'),
    current_location: fc.constantFrom(
      { longitude: -3.7, latitude: 40.4 },
      { longitude: 139.7, latitude: 35.7 },
    ),
    email_open_tracking_disabled: fc.boolean(),
  },
  { requiredKeys: [] },
)
const names = fc.dictionary(
  fc.constantFrom('__proto__', 'カード', 'a b', 'devices', 'users', 'x:integer'),
  fc.constantFrom<Json>('o', 1, ['s'], [{ t: 1 }], null),
  { maxKeys: 2 },
)
const bodies = fc.tuple(attributes, standard, names).map(([custom, own, others]): JsonObject => {
  const { external_id: _, ...body }: JsonObject = { ...custom, ...own }
  for (const [name, value] of Object.entries(others)) setKey(body, name, value)
  return body
})
const person = fc.record({
  /** What made the profile what it was; nothing: there was none. */
  before: fc.array(bodies, { maxLength: 2 }),
  rows: fc.array(bodies, { minLength: 1, maxLength: 4 }),
  /** What somebody else has written since. */
  since: fc.option(bodies, { freq: 3, nil: null }),
})
const settings: fc.Arbitrary<Partial<ImportOptions>> = fc.record(
  {
    coalesce: fc.boolean(),
    order: fc.constantFrom('user', 'value'),
    verify: fc.constantFrom('answer', 'profile'),
  },
  { requiredKeys: [] },
)

const cannotBeCleared = new Set(['email_subscribe', 'current_location'])
const neverShown = 'email_open_tracking_disabled'

test('an undo puts back all that a run has changed, but for what it lists', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(person, { minLength: 8, maxLength: 20 }), settings, async (people, more) => {
      const users = people.map(
        (_, i): JsonObject =>
          i % 4 === 3
            ? { user_alias: { alias_name: `名 ${i}`, alias_label: 'crm' } }
            : { external_id: i === 0 ? '__proto__' : `u${i}` },
      )
      const of = (i: number, body: JsonObject): JsonObject => {
        // An alias creates a profile only where the row says so.
        const creates = i % 4 === 3 && body['_update_existing_only'] !== true
        return { ...body, ...users[i], ...(creates ? { _update_existing_only: false } : {}) }
      }
      const inTurns = Array.from({ length: 4 }, (_, turn) =>
        people.flatMap(({ rows }, i) => (rows[turn] === undefined ? [] : [of(i, rows[turn])])),
      )
      const { options, write, look } = await sceneOf(cwd, [inTurns.flat()])
      const writeAll = async (all: readonly (JsonObject | null | undefined)[]) => {
        const given = all.flatMap((body, i) => (body == null ? [] : [of(i, body)]))
        if (given.length > 0) await write({ attributes: given })
      }
      for (const turn of [0, 1])
        await writeAll(
          people.map(({ before: { [turn]: body } }) => body && { ...body, _update_existing_only: false }),
        )

      const first = await look(users)
      const run = await importFiles({ ...options, ...more, maxErrors: 10_000, settleMs: 10 })
      const afterRun = await look(users)
      await writeAll(people.map(({ since }) => since && { ...since, _update_existing_only: true }))
      const then = await look(users)
      const planned: UndoPlan[] = []
      const wanted = { key: 'k', rate: 'off', lookupRate: 'off', runsDir: join(cwd, 'reports') } as const
      const undone = await undo(run.folder, { ...wanted, agree: plan => planned.push(plan) > 0 })
      const last = await look(users)

      expect(undone?.summary.exitCode ?? 0).toBe(0)
      const left = readCsv(join(run.folder, 'undo-left.csv'))
      const listed = new Map(
        left.map(line => [JSON.stringify([line['user'], line['field']]), line['reason']]),
      )
      expect(listed.size).toBe(left.length)
      // Rows that were refused here, or found nobody, have changed nothing.
      const sent = readCsv(join(run.folder, 'values.csv')).filter(line => line['reason'] !== 'user_not_found')
      const written = new Set(sent.map(line => JSON.stringify([line['user'], line['field']])))
      for (const i of people.keys()) {
        const user = users[i] ?? {}
        const [was, set, now, end] = [first, afterRun, then, last].map(looks => valuesOf(looks[i] ?? null))
        if (was === undefined || set === undefined || now === undefined || end === undefined) continue
        for (const field of new Set([was, now, end].flatMap(values => [...values.keys()]))) {
          const key = JSON.stringify([userKeyOf(user), field])
          const [a, b, c, d] = [was, set, now, end].map(values => values.get(field) ?? null)
          const why = listed.get(key)
          listed.delete(key)
          const story = JSON.stringify({ key, was: a, set: b, since: c, end: d, why })
          if (!written.has(key)) expect([why, d], story).toEqual([undefined, c])
          else if (sameJson(a, c)) expect([why, d], story).toEqual([undefined, a])
          else if (!sameJson(b, c)) expect([isChanged(why), d], story).toEqual([true, c])
          else if (a === null && cannotBeCleared.has(field))
            expect([why, d], story).toEqual(['not_clearable', c])
          else expect([why, d], story).toEqual([undefined, a])
        }
      }
      // What no export shows is all that is left.
      expect([...listed.keys()].filter(key => !key.includes(neverShown))).toEqual([])
      const again = await undo(run.folder, { ...wanted, agree: plan => planned.push(plan) > 0 })
      expect([again, planned.at(-1)?.values]).toEqual([undefined, 0])
      expect(readFileSync(join(run.folder, 'undo.ndjson'), 'utf8')).toBe('')
    }),
    { numRuns: 12, endOnFailure: true },
  )
})

/** Where no response has shown what the run left, nobody can tell who has changed it. */
function isChanged(why: string | undefined): boolean {
  return why === 'changed_since' || why === 'result_unknown'
}

const fieldsOfTrack = new Set([...Object.keys(fields.attributes), 'email', 'phone'])

/** What an export shows of a user, attributes by their names in a track object. */
function valuesOf(profile: JsonObject | null): Map<string, Json> {
  const { custom_attributes: custom = {}, last_coordinates: place = null, ...others } = profile ?? {}
  const values = new Map(Object.entries(others).filter(([name]) => fieldsOfTrack.has(name)))
  if (isJsonObject(custom)) for (const [name, value] of Object.entries(custom)) values.set(name, value)
  const [longitude = null, latitude = null] = Array.isArray(place) ? place : []
  if (place !== null) values.set('current_location', { longitude, latitude })
  return values
}
