import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { knownFields, type Sought } from '../../src/lookup/export-request.ts'
import { type Match, matchExport } from '../../src/lookup/match.ts'
import { personOf } from '../../src/lookup/person.ts'
import { readExport } from '../../src/lookup/read-export.ts'
import { isJsonObject, type Json, type JsonObject, textOf } from '../../src/model/json.ts'
import { userKeyOf } from '../../src/braze/identifiers.ts'
import { listOf, profileOf } from './trial.ts'

const alias = (alias_name: string, alias_label = 'shop') => ({ user_alias: { alias_name, alias_label } })

function sought(user: JsonObject, fields = ['custom_attributes']): Sought {
  const person = personOf(userKeyOf(user))
  if (person === undefined) throw new Error('This is nobody.')
  return { person, fields: new Set(knownFields(fields)) }
}

/** Whose profile each sees: `?` where that cannot be told, `-` where there is none, `~` before one that was renamed. */
function ownersIn(body: Json, users: JsonObject[], listsAbsent = true): string[] {
  const shown = readExport(JSON.stringify(body))
  if (shown === undefined) throw new Error('This is not readable.')
  return matchExport(
    users.map(user => sought(user)),
    shown,
    listsAbsent,
  ).map(sayMatch)
}

function sayMatch(match: Match): string {
  if (match === 'alone') return 'alone'
  if (match.profile === null) return match.isAmbiguous === true ? '?' : '-'
  const attributes = match.profile['custom_attributes']
  const owner = isJsonObject(attributes) ? textOf(attributes['owner']) : 'nobody'
  return match.isRenamed === true ? `~${owner}` : owner
}

describe('a user is found by', () => {
  const ana = profileOf('ana', {
    user_aliases: [alias('a1').user_alias, alias('a2', 'club').user_alias],
    email: 'Ana@Example.org',
    phone: '+49 (171) 123-45',
  })
  test.each<[string, JsonObject, string]>([
    ['its external id', { external_id: 'ana' }, 'ana'],
    ['no other spelling of it', { external_id: 'Ana' }, '-'],
    ['any of its aliases', alias('a2', 'club'), 'ana'],
    ['no alias of another label', alias('a2'), '-'],
    ['its braze_id', { braze_id: 'braze ana' }, 'ana'],
    ['its email in any case', { email: ' ana@example.ORG' }, 'ana'],
    ['the digits of its phone number', { phone: '+4917112345' }, 'ana'],
  ])('%s', (_name, user, owner) => {
    const invalid_user_ids = owner === '-' ? [user['external_id'] ?? null] : []
    const bea = profileOf('bea', { email: 'bea@example.org', phone: '+1' })
    const others = { external_id: 'bea' }
    const users = [bea, ana].filter(({ external_id }) => external_id === 'bea' || owner !== '-')
    expect(ownersIn({ message: 'success', users, invalid_user_ids }, [others, user])).toEqual(['bea', owner])
  })

  test('an id that the response writes as a number', () => {
    const users = [profileOf('x', { external_id: 12_345 })]
    expect(ownersIn({ users }, [{ external_id: '12345' }])).toEqual(['x'])
  })

  test('but by no number that is not exact', () => {
    const body = '{"users":[{"external_id":12345678901234567890,"custom_attributes":{"owner":"x"}}]}'
    const shown = readExport(body) ?? { users: [], invalid: null }
    const [match = 'alone'] = matchExport([sought({ external_id: '12345678901234567000' })], shown, true)
    expect(sayMatch(match)).toBe('-')
  })

  test('ten bare digits, which are a number of the United States', () => {
    const users = [profileOf('x', { phone: '+15551234567' }), profileOf('y', { phone: '+5551234567' })]
    expect(ownersIn({ users }, [{ phone: '(555) 123-4567' }])).toEqual(['?'])
    expect(ownersIn({ users }, [{ phone: '+5551234567' }])).toEqual(['y'])
    expect(ownersIn({ users: users.slice(0, 1) }, [{ phone: '5551234567' }])).toEqual(['x'])
  })
})

describe('several profiles of one email', () => {
  const email = 'a@b.c'
  const anonymous = (name: string) => profileOf(name, { external_id: null, email })
  test.each<[string, JsonObject[], string]>([
    ['one with an external id among others', [anonymous('x'), profileOf('y', { email })], 'y'],
    ['several with one', [profileOf('x', { email }), profileOf('y', { email }), anonymous('z')], '?'],
    ['several without one', [anonymous('x'), anonymous('y')], '?'],
    ['one, shown twice', [anonymous('x'), anonymous('x')], 'x'],
    ['none', [], '-'],
  ])('%s', (_name, users, owner) => {
    expect(ownersIn({ message: 'success', users }, [{ email }])).toEqual([owner])
  })
})

describe('somebody whom nobody looked for', () => {
  const [a, b, c] = [{ external_id: 'a' }, { external_id: 'b' }, { external_id: 'c' }]
  test.each<[string, JsonObject, JsonObject[], string[]]>([
    [
      'is the one who is missing',
      { users: [profileOf('a'), profileOf('new')], invalid_user_ids: ['c'] },
      [a, b, c],
      ['a', '~new', '-'],
    ],
    [
      'may be any of those who are missing',
      { users: [profileOf('a'), profileOf('new')], invalid_user_ids: [] },
      [a, b, c],
      ['a', 'alone', 'alone'],
    ],
    [
      'is nobody for sure beside another such',
      { users: [profileOf('a'), profileOf('new'), profileOf('newer')], invalid_user_ids: [] },
      [a, b],
      ['a', 'alone'],
    ],
    [
      'is nobody for sure where the missing are not listed',
      { users: [profileOf('a'), profileOf('new')] },
      [a, b],
      ['a', 'alone'],
    ],
    [
      'is nobody for sure where an alias is missing, because the list is of ids',
      { users: [profileOf('a'), profileOf('new')], invalid_user_ids: [] },
      [a, alias('z')],
      ['a', 'alone'],
    ],
    ['is who was asked for alone', { users: [profileOf('new')] }, [alias('z')], ['~new']],
    ['two of them cannot be told apart', { users: [profileOf('x'), profileOf('y')] }, [a], ['?']],
    ['is none who is listed as invalid', { users: [profileOf('new')], invalid_user_ids: ['a'] }, [a], ['-']],
    ['does not matter where nobody is missing', { users: [profileOf('new'), profileOf('a')] }, [a], ['a']],
    [
      'is none who is here by another identifier',
      { users: [{ braze_id: 'braze a', external_id: 'old' }, profileOf('a')], invalid_user_ids: ['b'] },
      [a, b],
      ['a', '-'],
    ],
  ])('%s', (_name, body, users, owners) => {
    expect(ownersIn(body, users)).toEqual(owners)
  })
})

test('an id that is neither shown nor listed is looked for alone, unless absent ids are never listed', () => {
  const users = [{ external_id: 'a' }, { external_id: 'b' }]
  const body = { users: [profileOf('a')], invalid_user_ids: [] }
  expect(ownersIn(body, users)).toEqual(['a', 'alone'])
  expect(ownersIn(body, users, false)).toEqual(['a', '-'])
  expect(ownersIn({ users: [profileOf('a')] }, users)).toEqual(['a', '-'])
  expect(ownersIn({ users: [], invalid_user_ids: [] }, [{ external_id: 'b' }])).toEqual(['-'])
})

test('two identifiers of one profile both show it', () => {
  const users = [profileOf('a', { user_aliases: [alias('z').user_alias] })]
  expect(ownersIn({ users }, [{ external_id: 'a' }, alias('z')])).toEqual(['a', 'a'])
})

test('a user who is shown twice, once without its braze_id, is one', () => {
  const { braze_id: _none, ...bare } = profileOf('a')
  expect(ownersIn({ users: [bare, profileOf('a')] }, [{ external_id: 'a' }])).toEqual(['a'])
})

test('each sees the fields that it asked for, and what identifies the profile', () => {
  const more = { email: 'e@x', country: 'DE' }
  const user = profileOf('a', { ...more, first_name: 'A', surprise: 1 })
  const asked = [sought({ external_id: 'a' }, ['country', 'surprise']), sought({ email: 'e@x' }, ['dob'])]
  const seen = matchExport(asked, { users: [user], invalid: null }, true)
  const { email, country } = more
  const ids = { external_id: 'a', braze_id: 'braze a', user_aliases: [] }
  expect(seen).toEqual([{ profile: { ...ids, country } }, { profile: { ...ids, email } }])
})

test('whatever order, repetition and spelling a response has, each sees its own profile and nobody else', () => {
  const name = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
    fc.constantFrom('Núñez', 'João', '山田太郎', 'Иван', 'עדי', '__proto__', '0', '1', '01', 'a', 'A'),
  )
  const names = fc.uniqueArray(name, { minLength: 1, maxLength: 8 })
  const shape = fc.record({
    exists: fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
    by: fc.array(fc.constantFrom('external_id' as const, 'user_alias' as const), {
      minLength: 8,
      maxLength: 8,
    }),
    order: fc.array(fc.nat(7), { maxLength: 12 }),
    junk: fc.array(fc.constantFrom<Json>(null, 1, 'x', [], {}, [1]), { maxLength: 3 }),
    lists: fc.boolean(),
    asNumbers: fc.boolean(),
  })
  fc.assert(
    fc.property(names, shape, (all, { exists, by, order, junk, lists, asNumbers }) => {
      const spelled = (text: string): Json =>
        asNumbers && String(Number(text)) === text && Number.isSafeInteger(Number(text)) ? Number(text) : text
      const profiles = all.map(one =>
        profileOf(one, { external_id: spelled(one), user_aliases: [alias(one).user_alias] }),
      )
      const asked = all.map((one, i) => (by[i] === 'user_alias' ? alias(one) : { external_id: one }))
      const existing = profiles.filter((_, i) => exists[i])
      const repeated = order.flatMap(i => existing[i] ?? [])
      const users = [...repeated, ...junk, ...existing.toReversed()]
      const absent = all.filter((_, i) => !exists[i] && by[i] === 'external_id')
      const body = { message: 'success', users, ...(lists ? { invalid_user_ids: absent } : {}) }
      expect(ownersIn(body, asked)).toEqual(all.map((one, i) => (exists[i] ? one : '-')))
    }),
    { numRuns: 300 },
  )
})

test('a response about anybody at all shows nobody as another, but for one who must have been renamed', () => {
  const id = fc.constantFrom('a', 'b', 'c', 'd')
  const user = fc.record(
    {
      external_id: id,
      braze_id: id,
      user_aliases: fc.array(
        id.map(one => alias(one).user_alias),
        { maxLength: 2 },
      ),
      email: id.map(one => `${one}@x`),
      phone: fc.constantFrom('+1', '+2', '5551234567'),
    },
    { requiredKeys: [] },
  )
  const person = fc.oneof(
    id.map(external_id => ({ external_id })),
    id.map(one => alias(one)),
  )
  const junk = fc.jsonValue() as fc.Arbitrary<Json>
  const body = fc.record({
    message: fc.constant('success'),
    users: fc.oneof(fc.array(fc.oneof(user, junk), { maxLength: 5 }), user),
    invalid_user_ids: fc.oneof(fc.array(fc.oneof(id, junk), { maxLength: 3 }), junk),
  })
  const asked = fc.uniqueArray(person, { minLength: 1, maxLength: 4, selector: userKeyOf })
  fc.assert(
    fc.property(body, asked, fc.boolean(), (shown, people, listsAbsent) => {
      const read = readExport(JSON.stringify(shown))
      if (read === undefined) throw new Error('This is readable.')
      const matches = matchExport(
        people.map(one => sought(one)),
        read,
        listsAbsent,
      )
      expect(matches).toHaveLength(people.length)
      for (const [i, match] of matches.entries()) {
        if (match === 'alone') expect(people.length).toBeGreaterThan(1)
        else if (match.profile !== null && match.isRenamed !== true)
          expect(isShownFor(match.profile, people[i] ?? {})).toBe(true)
      }
      const renamed = matches.filter(match => match !== 'alone' && match.isRenamed === true)
      expect(renamed.length).toBeLessThanOrEqual(1)
    }),
    { numRuns: 300 },
  )
})

function isShownFor(profile: JsonObject, person: JsonObject): boolean {
  if (person['external_id'] !== undefined) return textOf(profile['external_id']) === person['external_id']
  const aliases = listOf(profile['user_aliases']).filter(isJsonObject)
  const { user_alias: wanted } = person
  return aliases.some(
    ({ alias_name, alias_label }) =>
      isJsonObject(wanted) && alias_name === wanted['alias_name'] && alias_label === wanted['alias_label'],
  )
}

test('a response of twenty thousand users is matched like any other', () => {
  const users = Array.from({ length: 20_000 }, (_, i) => profileOf(`u${i % 12_000}`))
  const asked = Array.from({ length: 50 }, (_, i) => ({ external_id: `u${i}` }))
  expect(ownersIn({ users }, asked)).toEqual(asked.map(one => one.external_id))
})

describe('readable is', () => {
  test.each([
    ['a list of users', '{"users":[]}', 0],
    ['one user in place of a list', '{"users":{"external_id":"a"}}', 1],
    ['success without users', '{"message":"success"}', 0],
    ['success with null for users', '{"message":"success","users":null}', 0],
    ['a list with junk in it', '{"users":[1,null,"a",[],{"braze_id":"b"}]}', 1],
  ])('%s', (_name, body, users) => {
    expect(readExport(body)?.users).toHaveLength(users)
  })

  test.each([
    '',
    'null',
    '[]',
    '"success"',
    '{}',
    '{"message":"queued"}',
    '{"users":"a"}',
    '<html>',
    '{"users":[}',
  ])('not %s', body => {
    expect(readExport(body)).toBeUndefined()
  })
})
