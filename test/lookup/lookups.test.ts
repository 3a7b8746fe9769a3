import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { personOf } from '../../src/lookup/person.ts'
import type { JsonObject } from '../../src/model/json.ts'
import type { Look } from '../../src/model/observation.ts'
import { exportFields } from '../../src/braze/export-fields.ts'
import { ownerOf, profileOf, seenIn, tryLookups, unseenIn } from './trial.ts'

const numbered = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => ({ external_id: `u${from + i}` }))
const profiles = numbered(500).map(({ external_id }) => profileOf(external_id))
const alias = (alias_name: string) => ({ user_alias: { alias_name, alias_label: 'shop' } })

describe('a request', () => {
  test('leaves when it is full, and with whoever waits after 2 s', async () => {
    const { look, clock, requests } = tryLookups({ profiles })
    const begin = clock.now()
    const looks = await clock.finish(Promise.all(numbered(120).map(user => look(user))))
    expect(looks.map(one => ownerOf(seenIn(one)))).toEqual(numbered(120).map(user => user.external_id))
    expect(requests.map(({ people, at }) => [people.length, at - begin])).toEqual([
      [50, 0],
      [50, 0],
      [20, 2000],
    ])
  })

  test('holds ids and aliases together, and one of any other kind by itself', async () => {
    const { look, clock, requests } = tryLookups()
    const users = [
      ...numbered(30),
      ...numbered(20).map(({ external_id }) => alias(external_id)),
      { braze_id: 'b' },
      { email: 'a@b.c' },
      { phone: '+1' },
    ]
    await clock.finish(Promise.all(users.map(user => look(user))))
    const sizes = requests.map(({ body, people }) => [Object.keys(body).join(), people.length])
    expect(sizes).toEqual([
      ['external_ids,user_aliases,fields_to_export', 50],
      ['braze_id,fields_to_export', 1],
      ['email_address,fields_to_export', 1],
      ['phone,fields_to_export', 1],
    ])
  })

  test('asks for identifiers and the known fields of all its users, and for none that make it slow', async () => {
    const { look, clock, requests } = tryLookups({ profiles })
    const all = [
      look({ external_id: 'u1' }, ['country', 'subscription_groups', '__proto__', 'toString']),
      look({ external_id: 'u2' }, ['dob', 'country', 'campaigns_received', 'canvases_received']),
      look({ email: 'a@b.c' }, ['dob']),
    ]
    const [first] = await clock.finish(Promise.all(all))
    expect(requests.map(({ fields }) => fields)).toEqual([
      ['external_id', 'braze_id', 'user_aliases', 'email', 'dob'],
      ['external_id', 'braze_id', 'user_aliases', 'country', 'dob'],
    ])
    expect(Object.keys(first === undefined ? {} : (seenIn(first).profile ?? {}))).toEqual([
      'external_id',
      'braze_id',
      'user_aliases',
      'country',
    ])
  })

  test('leaves at once where somebody waits for it, and takes along who waits already', async () => {
    const { look, clock, requests } = tryLookups({ profiles })
    const begin = clock.now()
    const early = numbered(10).map(user => look(user))
    await clock.advance(500)
    await clock.finish(Promise.all([...early, look({ external_id: 'u99' }, [], true)]))
    expect(requests.map(({ people, at }) => [people.length, at - begin])).toEqual([[11, 500]])
  })

  test('is shared by all who ask at once, however urgent', async () => {
    const { look, clock, requests } = tryLookups({ profiles })
    await clock.finish(Promise.all(numbered(30).map(user => look(user, [], true))))
    expect(requests.map(({ people }) => people.length)).toEqual([30])
  })

  test('fills up while it waits for its turn', async () => {
    const { look, clock, requests } = tryLookups({ profiles, rate: { requests: 1, windowMs: 10_000 } })
    const first = look({ external_id: 'u0' }, [], true)
    await clock.advance(1)
    const others = numbered(60, 1).map(async user => {
      await clock.sleep(Number(user.external_id.slice(1)) * 100)
      return await look(user)
    })
    await clock.finish(Promise.all([first, ...others]))
    expect(requests.map(({ people }) => people.length)).toEqual([1, 50, 10])
  })

  test('shows the profile as it is at least since it left', async () => {
    const { look, clock, requests } = tryLookups({ profiles, afterMs: 40_000 })
    const seen = seenIn(await clock.finish(look({ external_id: 'u1' })))
    expect(seen.at).toBe(requests[0]?.at)
    expect(clock.now() - seen.at).toBe(40_000)
  })
})

describe('a user asked for twice', () => {
  test('has one place while it waits, and all fields are seen by both', async () => {
    const { look, clock, requests } = tryLookups({ profiles })
    const both = [look({ external_id: 'u1' }, ['country']), look({ external_id: 'u1' }, ['dob'])]
    const [one, other] = (await clock.finish(Promise.all(both))).map(seenIn)
    expect(requests.map(({ people }) => people)).toEqual([[{ external_id: 'u1' }]])
    expect(one).toEqual(other)
    expect(Object.keys(one?.profile ?? {}).slice(3)).toEqual(['country', 'dob'])
  })

  test('is looked at again where its request has left', async () => {
    const { look, clock, requests } = tryLookups({ profiles, afterMs: 5000 })
    const first = look({ external_id: 'u1' }, [], true)
    await clock.advance(1000)
    const second = look({ external_id: 'u1' }, [], true)
    const [early, late] = await clock.finish(Promise.all([first, second]))
    expect(requests).toHaveLength(2)
    expect([early, late].map(one => (one === undefined ? 0 : seenIn(one).at))).toEqual(
      requests.map(({ at }) => at),
    )
  })

  test('leaves at once where the second asker waits for it', async () => {
    const { look, clock, requests } = tryLookups({ profiles })
    const begin = clock.now()
    await clock.finish(Promise.all([look({ external_id: 'u1' }), look({ external_id: 'u1' }, [], true)]))
    expect(requests.map(({ at }) => at - begin)).toEqual([0])
  })
})

describe('the order', () => {
  const rate = { requests: 1, windowMs: 1000 }

  test('is that of their coming, also among kinds: many of one kind do not keep out another', async () => {
    const { look, clock, requests } = tryLookups({ profiles, rate })
    const wishes: JsonObject[] = [
      ...Array.from({ length: 5 }, (_, i) => ({ email: `early${i}@x` })),
      ...numbered(50),
      ...Array.from({ length: 5 }, (_, i) => ({ email: `late${i}@x` })),
    ]
    const looks: Promise<Look>[] = []
    for (const user of wishes) {
      looks.push(look(user))
      await clock.advance(1)
    }
    await clock.finish(Promise.all(looks))
    const numbers = [0, 1, 2, 3, 4]
    const firsts = [numbers.map(i => `early${i}@x`), 'u0', numbers.map(i => `late${i}@x`)].flat()
    expect(requests.map(({ people }) => Object.values(people[0] ?? {})[0])).toEqual(firsts)
  })

  test('lets the urgent overtake, but not so that others never leave', async () => {
    const { look, clock, requests } = tryLookups({ rate })
    const emails = (name: string, count: number) =>
      Array.from({ length: count }, (_, i) => ({ email: `${name}${i}@x` }))
    const looks: Promise<Look>[] = []
    for (const user of emails('patient', 4)) looks.push(look(user))
    await clock.advance(1)
    for (const user of emails('urgent', 4)) looks.push(look(user, [], true))
    await clock.finish(Promise.all(looks))
    expect(requests.map(({ body }) => body['email_address'])).toEqual(
      [0, 1, 2, 3].flatMap(i => [`patient${i}@x`, `urgent${i}@x`]),
    )
  })
})

test('no more requests are in flight than allowed', async () => {
  const { look, clock, requests, inFlight } = tryLookups({ profiles, afterMs: 3000, concurrency: 3 })
  await clock.finish(Promise.all(numbered(500).map(user => look(user))))
  expect([requests.length, inFlight.most]).toEqual([10, 3])
})

test('a user key that names nobody is not looked up', async () => {
  const { lookups, requests } = tryLookups()
  for (const user of [
    '',
    'nobody 3',
    '{}',
    '{"name":"a"}',
    '{"external_id":""}',
    '{"user_alias":{"alias_name":"a"}}',
  ]) {
    expect(unseenIn(await lookups.look({ user, fields: [] }))).toBe(
      'failed: A user without an identifier cannot be looked up.',
    )
  }
  expect(requests).toEqual([])
})

test('what a request cost is told before anybody learns what it showed', async () => {
  const told: string[] = []
  const { look, clock, looked } = tryLookups({ profiles })
  const begin = clock.now()
  await clock.finish(look({ external_id: 'u1' }).then(() => told.push(`seen after ${looked.length}`)))
  expect(told).toEqual(['seen after 1'])
  expect(looked).toEqual([{ users: 1, status: 201, reason: null, ms: 100, at: begin + 2000 }])
})

test('whoever asks for whom and when: full requests, each sees its own profile, in time and within the rate', async () => {
  const rate = { requests: 10, windowMs: 1000 }
  const script = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }),
    fc.constantFrom('Núñez', 'São', '山田', 'Иван', 'עדי', '__proto__'),
  )
  const wish = fc.record({
    name: script,
    by: fc.constantFrom('external_id', 'external_id', 'user_alias', 'email', 'phone', 'braze_id'),
    exists: fc.boolean(),
    copies: fc.constantFrom(1, 1, 2, 70),
    waitMs: fc.constantFrom(0, 0, 0, 1, 300, 2500),
    isUrgent: fc.constantFrom(false, false, false, true),
    field: fc.constantFrom('custom_attributes', ...Object.keys(exportFields)),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(wish, { minLength: 1, maxLength: 10 }), async wishes => {
      const people = wishes.flatMap(({ name, by, exists, copies, waitMs, isUrgent, field }, n) =>
        Array.from({ length: copies }, (_, i) => {
          const id = `${name} ${n} ${i}`
          const user: JsonObject =
            by === 'user_alias'
              ? alias(id)
              : { [by]: by === 'phone' ? `+${n}00${i}` : by === 'email' ? `e${n}.${i}@X.org` : id }
          const profile = profileOf(id, {
            user_aliases: by === 'user_alias' ? [alias(id).user_alias] : [],
            braze_id: by === 'braze_id' ? id : `braze ${id}`,
            ...(by === 'email' ? { email: `e${n}.${i}@x.org` } : by === 'phone' ? user : {}),
          })
          return { user, profile, exists, waitMs: i === 0 ? waitMs : 0, isUrgent, field }
        }),
      )
      const known = people.filter(({ exists }) => exists).map(({ profile }) => profile)
      const trial = tryLookups({ profiles: known, rate, afterMs: 10 })
      const { look, clock, requests, lookups, sleeping } = trial
      const askedAt: number[] = []
      async function ask(): Promise<Look[]> {
        const looks: Promise<Look>[] = []
        for (const { user, waitMs, isUrgent, field } of people) {
          if (waitMs > 0) await clock.sleep(waitMs)
          askedAt.push(clock.now())
          looks.push(look(user, ['custom_attributes', field], isUrgent))
        }
        return await Promise.all(looks)
      }
      const looks = await clock.finish(ask())
      for (const [i, one] of looks.entries()) {
        const { user, exists, profile } = people[i] ?? { user: {}, exists: false, profile: {} }
        const seen = seenIn(one)
        expect([seen.isRenamed, seen.isAmbiguous]).toEqual([undefined, undefined])
        if (exists) expect(ownerOf(seen)).toBe(profile['external_id'])
        else expect(seen.profile).toBeNull()
        expect(seen.at).toBeGreaterThanOrEqual(askedAt[i] ?? 0)
        // All requests together are spaced by a tenth of a second.
        expect(seen.at - (askedAt[i] ?? 0)).toBeLessThanOrEqual(2000 + requests.length * 110 + 1)
        expect(personOf(JSON.stringify(user))).toBeDefined()
      }
      const isShared = ({ user }: { user: JsonObject }) => 'external_id' in user || 'user_alias' in user
      const shared = people.filter(isShared).length
      if (people.every(({ waitMs, isUrgent }) => waitMs === 0 && !isUrgent))
        expect(requests.length).toBe(people.length - shared + Math.ceil(shared / 50))
      expect(requests.length).toBeLessThanOrEqual(people.length)
      for (const { at } of requests) {
        const inWindow = requests.filter(other => other.at >= at && other.at < at + rate.windowMs)
        expect(inWindow.length).toBeLessThanOrEqual(rate.requests)
      }
      await clock.finish(lookups.close())
      expect(sleeping.count).toBe(0)
    }),
    { numRuns: 20 },
  )
})
