import { utimesSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { normalizeIdentifier } from '../../src/braze/identifiers.ts'
import { chosen } from '../../src/lookup/precedence.ts'
import type { Json, JsonObject } from '../../src/model/json.ts'
import { openExport } from '../../src/run/open-export.ts'
import { temporaryFolder } from '../support/run-folder.ts'
import { asking, linesOf, seen, written } from './exports.ts'

const folder = temporaryFolder()
const ana: JsonObject = {
  external_id: 'ana',
  braze_id: 'b1',
  user_aliases: [
    { alias_name: 'n1', alias_label: 'crm' },
    { alias_name: 'n2', alias_label: 'shop' },
  ],
  email: 'Ana.Müller@Example.org',
  phone: '+55 11 98765-4321',
  first_name: 'Ana',
  custom_attributes: { plan: 'gold' },
}

describe('a user is found by each of its identifiers', () => {
  test.each<[string, JsonObject]>([
    ['external_id', { external_id: 'ana' }],
    ['braze_id', { braze_id: 'b1' }],
    ['the first alias', { user_alias: { alias_name: 'n1', alias_label: 'crm' } }],
    ['another alias, its parts in another order', { user_alias: { alias_label: 'shop', alias_name: 'n2' } }],
    ['email, whatever its case', { email: ' ana.MÜLLER@example.ORG ' }],
    ['phone, whatever stands between its digits', { phone: '5511987654321' }],
  ])('%s', async (_, body) => {
    await asking(
      folder,
      { 'a.txt': linesOf([{ external_id: 'other', phone: '+55' }, ana]) },
      async source => {
        expect((await seen(source, body, ['first_name', 'custom_attributes'])).profile).toEqual(ana)
      },
    )
  })

  test.each<[string, JsonObject]>([
    ['an external_id in another case', { external_id: 'Ana' }],
    [
      'a name of one alias with the label of another',
      { user_alias: { alias_name: 'n1', alias_label: 'shop' } },
    ],
    ['a part of a phone number', { phone: '987654321' }],
    ['the braze_id as an external_id', { external_id: 'b1' }],
    ['a phone number without digits', { phone: '--' }],
    ['no identifier', {}],
  ])('and by nothing else: %s', async (_, body) => {
    await asking(
      folder,
      { 'a.txt': linesOf([ana, { external_id: 'x', phone: '', email: '' }]) },
      async source => {
        expect((await seen(source, body)).profile).toBeNull()
      },
    )
  })

  test('its identifiers and the fields that were asked for are shown, and nothing else', async () => {
    const line =
      '{"external_id":"a","__proto__":{"x":1},"dob":null,"language":"pt","braze_id":"b","gender":"F"}\n'
    await asking(folder, { 'a.txt': line }, async source => {
      const fields = ['dob', 'language', '__proto__', 'toString', 'country']
      const { profile } = await seen(source, { external_id: 'a' }, fields)
      expect(JSON.stringify(profile)).toBe(
        '{"external_id":"a","__proto__":{"x":1},"dob":null,"language":"pt","braze_id":"b"}',
      )
    })
  })

  test('a look that cannot be one does not reject', async () => {
    await asking(folder, { 'a.txt': linesOf([ana]) }, async source => {
      expect(await source.look({ user: 'no key', fields: [] })).toMatchObject({ unseen: { why: 'failed' } })
    })
  })
})

describe('several profiles with one email or phone number', () => {
  const email = 'a@x.org'
  const [named, other] = [
    { external_id: 'n', braze_id: 'b1', email },
    { external_id: 'o', braze_id: 'b2', email },
  ]
  const [alone, anonymous] = [
    { braze_id: 'b3', email },
    { braze_id: 'b4', external_id: '', email },
  ]
  test.each<[string, JsonObject[], JsonObject | 'ambiguous']>([
    ['one of two has an external_id', [alone, named], named],
    ['one of three has one, in the midst', [anonymous, named, alone], named],
    ['two have one', [named, alone, other], 'ambiguous'],
    ['none has one', [alone, anonymous], 'ambiguous'],
    ['there is only one', [alone], alone],
  ])('%s', async (_, users, expected) => {
    const wanted = expected === 'ambiguous' ? { profile: null, isAmbiguous: true } : { profile: expected }
    expect(chosen(users)).toEqual(wanted)
    await asking(folder, { 'a.txt': linesOf(users) }, async source => {
      const { at: _at, ...shown } = await seen(source, { email: 'A@X.org' })
      expect(shown).toEqual(wanted)
    })
  })

  test('of many only some are read, and then it cannot be told', async () => {
    const many = Array.from({ length: 200 }, (_, i) => ({ braze_id: `b${i}`, phone: '+1' }))
    await asking(folder, { 'a.txt': linesOf([{ external_id: 'n', phone: '+1' }, ...many]) }, async source => {
      expect(await seen(source, { phone: '1' })).toMatchObject({ profile: null, isAmbiguous: true })
    })
  })
})

describe('a user who comes twice is shown as the later record says', () => {
  const [old, now] = [
    { external_id: 'a', braze_id: 'b1', email: 'old@x.org', custom_attributes: { n: 1 } },
    { external_id: 'a', braze_id: 'b1', email: 'new@x.org', custom_attributes: { n: 2 } },
  ]
  const renamed = { external_id: 'z', braze_id: 'b1', email: 'new@x.org' }
  test.each<[string, JsonObject[], JsonObject, JsonObject | null]>([
    ['by external_id', [old, now], { external_id: 'a' }, now],
    ['by an email that it has now', [old, now], { email: 'new@x.org' }, now],
    ['by an email that it had', [old, now], { email: 'old@x.org' }, null],
    [
      'by an email that it always had',
      [old, { ...now, email: 'old@x.org' }],
      { email: 'old@x.org' },
      { ...now, email: 'old@x.org' },
    ],
    ['by an external_id that it had', [old, now, renamed], { external_id: 'a' }, null],
    [
      'by the external_id that another one took over',
      [old, { external_id: 'a', braze_id: 'b2' }],
      { external_id: 'a' },
      { external_id: 'a', braze_id: 'b2' },
    ],
  ])('%s', async (_, users, body, expected) => {
    await asking(folder, { 'a.txt': linesOf(users) }, async source => {
      expect((await seen(source, body)).profile).toEqual(expected)
    })
    // And in files of their own, which are in the order in which they are named.
    const files = Object.fromEntries(users.map((user, i) => [`${9 - i}.txt`, linesOf([user])]))
    await asking(folder, files, async source => {
      expect((await seen(source, body)).profile).toEqual(expected)
    })
  })
})

test('a profile is as old as its file, and absence as the oldest of all', async () => {
  const paths = written(folder, {
    'a.txt': linesOf([{ external_id: 'a' }]),
    'b.txt': linesOf([{ external_id: 'b' }]),
  })
  for (const [i, path] of paths.entries()) utimesSync(path, 2000.0005 - i * 1000, 2000.0005 - i * 1000)
  const source = await openExport(paths, folder)
  try {
    const moments = ['a', 'b', 'c'].map(async external_id => (await seen(source, { external_id })).at)
    expect(await Promise.all(moments)).toEqual([2_000_000, 1_000_000, 1_000_000])
  } finally {
    await source.close()
  }
})

/** Few values, so that users share them; some are the same to Braze, and some only look the same. */
const few = (...values: string[]) => fc.option(fc.constantFrom(...values), { nil: undefined })
const record = fc
  .record(
    {
      external_id: few('a', 'A', 'é', 'e\u0301', '', '"]', '山田'),
      braze_id: few('1', '2', '3', 'a'),
      email: few('a@x', 'A@X', 'ã@x', ''),
      phone: few('+1 2', '12', '2', '-'),
      user_aliases: fc.option(
        fc.array(
          fc.record({ alias_name: fc.constantFrom('a', 'b'), alias_label: fc.constantFrom('a', 'b') }),
          {
            maxLength: 2,
          },
        ),
        { nil: undefined },
      ),
    },
    { requiredKeys: [] },
  )
  .map(user => JSON.parse(JSON.stringify(user)) as JsonObject)

test('whatever is in an export, one record after the other read in memory shows the same', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 12 }), async records => {
      const users = [{ external_id: 'always' }, ...records].map((user, n) => ({ ...user, n }))
      const path = written(folder, { 'a.txt': linesOf(users) })
      // So few keys in memory that there are many runs to merge.
      const source = await openExport(path, folder, undefined, { keysInMemory: 3 })
      try {
        for (const body of wanted)
          expect(await seen(source, body, ['n']), JSON.stringify(body)).toMatchObject(inMemory(users, body))
      } finally {
        await source.close()
      }
    }),
    { numRuns: 25 },
  )
})

const wanted: JsonObject[] = [
  ...['a', 'A', 'é', 'e\u0301', '"]', '山田', 'always'].map(external_id => ({ external_id })),
  ...['1', '2', '3', 'a'].map(braze_id => ({ braze_id })),
  ...['a@x', 'ã@x'].map(email => ({ email })),
  ...['12', '2', '+'].map(phone => ({ phone })),
  ...['a', 'b'].flatMap(alias_name =>
    ['a', 'b'].map(alias_label => ({ user_alias: { alias_name, alias_label } })),
  ),
]

/** The rule, said in another way: a record is current unless the last one with its surest identifier is another. */
function inMemory(users: readonly JsonObject[], body: JsonObject) {
  const [[name, value] = ['', null]] = Object.entries(body)
  const normal = (by: string, one: Json) => JSON.stringify(normalizeIdentifier(by, one))
  const has = (user: JsonObject, by: string, one: Json): boolean => {
    if (one === '' || normal(by, one) === '""') return false
    const own = by === 'user_alias' ? (user['user_aliases'] ?? []) : [user[by] ?? '']
    return Array.isArray(own) && own.some(each => normal(by, each) === normal(by, one))
  }
  const surest = (user: JsonObject): [string, Json] | undefined => {
    for (const by of ['braze_id', 'external_id']) if ((user[by] ?? '') !== '') return [by, user[by] ?? '']
    const aliases = user['user_aliases']
    return Array.isArray(aliases) && aliases[0] !== undefined ? ['user_alias', aliases[0]] : undefined
  }
  const current = users.filter(user => {
    const identity = surest(user)
    return identity === undefined || users.findLast(each => has(each, ...identity)) === user
  })
  const found = current.filter(user => has(user, name, value))
  if (name !== 'email' && name !== 'phone') return { profile: found.at(-1) ?? null }
  const named = found.filter(user => (user['external_id'] ?? '') !== '')
  const pool = named.length > 0 ? named : found
  return pool.length > 1 ? { profile: null, isAmbiguous: true } : { profile: pool[0] ?? null }
}
