import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type JsonObject, textOf } from '../../src/model/json.ts'
import type { Look } from '../../src/model/observation.ts'
import { createLookups } from '../../src/lookup/lookups.ts'
import { SimulatedClock } from '../support/simulated-clock.ts'
import {
  cut,
  lost,
  ownerOf,
  profileOf,
  type Request,
  response,
  type Result,
  seenIn,
  showing,
  type TrialOptions,
  tryLookups,
  unseenIn,
} from './trial.ts'

const numbered = (count: number) => Array.from({ length: count }, (_, i) => ({ external_id: `u${i}` }))
const profiles = numbered(100).map(({ external_id }) => profileOf(external_id))
const html: Result = { answer: { status: 200, headers: {}, body: '<html>Sign in</html>', complete: true } }

/** The first so many requests get what is given, all others what they ask for. */
function firstly(results: Result[]): (request: Request) => Result {
  return request => results[request.index] ?? showing(request, profiles)
}

async function lookAt(count: number, options: TrialOptions) {
  const trial = tryLookups({ profiles, ...options })
  const looks = await trial.clock.finish(Promise.all(numbered(count).map(user => trial.look(user))))
  return { ...trial, looks }
}

describe('a failure is tried again', () => {
  test.each<[string, Result, number | null, string | null]>([
    ['a server error', response({}, 503), 503, null],
    ['an unknown 5XX', response({}, 599), 599, null],
    ['a request that came too slowly', response({}, 408), 408, null],
    ['a request that came too early', response({}, 425), 425, null],
    ['a lost response', lost('ECONNRESET', true), null, 'ECONNRESET'],
    ['a connection that was refused', lost('ECONNREFUSED'), null, 'ECONNREFUSED'],
    ['a response that broke off', cut(), 201, 'the response is larger than 10 MB'],
    ['a page in place of a response', html, 200, 'unreadable'],
    ['a response that was only queued', response({ message: 'queued' }, 202), 202, 'unreadable'],
  ])('%s', async (_name, result, status, reason) => {
    const { looks, requests, looked, clock, lookups, sleeping } = await lookAt(2, {
      respond: firstly([result]),
    })
    expect(looks.map(one => ownerOf(seenIn(one)))).toEqual(['u0', 'u1'])
    expect(looked.map(one => [one.status, one.reason])).toEqual([
      [status, reason],
      [201, null],
    ])
    expect((requests[1]?.at ?? 0) - (requests[0]?.at ?? 0)).toBe(600)
    await clock.finish(lookups.close())
    expect(sleeping.count).toBe(0)
  })

  test('six times with growing backoff, then nothing is seen', async () => {
    const { looks, requests } = await lookAt(1, { respond: () => response({}, 500), random: () => 1 })
    expect(looks.map(unseenIn)).toEqual(['failed: rest.test responded with 500. Server error.'])
    const gaps = requests.slice(1).map(({ at }, i) => at - (requests[i]?.at ?? 0) - 100)
    expect(gaps).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000])
  })

  test.each<[Result, string]>([
    [lost('ENOTFOUND'), 'rest.test cannot be reached (ENOTFOUND). The host name is not known.'],
    [html, 'rest.test responded with 200, but the response is not from the API: "<html>Sign in</html>".'],
    [
      cut(),
      'rest.test responded with 201, but the response is not complete (the response is larger than 10 MB).',
    ],
  ])('and in the end it is said why nothing is seen', async (result, message) => {
    const { looks, requests } = await lookAt(1, { respond: () => result })
    expect([looks.map(unseenIn), requests.length]).toEqual([[`failed: ${message}`], 7])
  })

  test('but not where none can succeed until something is changed', async () => {
    const { looks, requests } = await lookAt(1, { respond: () => lost('CERT_HAS_EXPIRED') })
    expect(requests).toHaveLength(1)
    expect(looks.map(unseenIn)).toEqual([
      'failed: rest.test cannot be reached (CERT_HAS_EXPIRED). Its certificate has expired.',
    ])
  })

  test('with the same users, while others go ahead', async () => {
    const { requests } = await lookAt(60, { respond: firstly([response({}, 503)]), fillMs: 100 })
    expect(requests.map(({ people }) => people.length)).toEqual([50, 10, 50])
    expect(requests[2]?.people).toEqual(requests[0]?.people)
  })
})

test('a 429 makes everyone wait, and is no failure however often it comes', async () => {
  const over = response({ message: 'Too Many Requests' }, 429, { 'retry-after': '20' })
  const { looks, requests, looked } = await lookAt(1, { respond: firstly(Array(10).fill(over)) })
  expect(looks.map(one => ownerOf(seenIn(one)))).toEqual(['u0'])
  const gaps = requests.slice(1).map(({ at }, i) => at - (requests[i]?.at ?? 0))
  expect(gaps).toEqual(Array(10).fill(20_100))
  expect(looked.map(({ status }) => status)).toEqual([...Array(10).fill(429), 201])
})

describe('users that the API does not accept', () => {
  const refusing =
    (guilty: string[], status = 400) =>
    (request: Request): Result =>
      request.people.some(({ external_id }) => guilty.includes(textOf(external_id)))
        ? response({ message: 'Bad id', errors: ['u7 is too odd'] }, status)
        : showing(request, profiles)

  test.each([400, 413, 422])('are found by halves, and cost the others nothing (%d)', async status => {
    const { looks, requests } = await lookAt(50, { respond: refusing(['u7', 'u31'], status) })
    const words = looks.map(one => ('seen' in one ? ownerOf(one.seen) : unseenIn(one)))
    const guilty = `failed: rest.test responded with ${status}: Bad id · u7 is too odd`
    expect(words).toEqual(
      numbered(50).map(({ external_id: id }) => (['u7', 'u31'].includes(id) ? guilty : id)),
    )
    expect(requests.length).toBeLessThanOrEqual(2 * 2 * 6 + 1)
  })

  test('a response that is too large twice is asked for in two parts', async () => {
    const respond = (request: Request) => (request.people.length > 20 ? cut() : showing(request, profiles))
    const { looks, requests } = await lookAt(50, { respond })
    expect(looks.map(one => ownerOf(seenIn(one)))).toEqual(numbered(50).map(user => user.external_id))
    expect(requests.map(({ people }) => people.length)).toEqual([50, 50, 25, 25, 13, 12, 13, 12])
  })
})

describe('a key that may not export', () => {
  test.each<[number, string]>([
    [
      401,
      'it does not know the key. A key works on its own cluster only. Check BRAZE_API_KEY, and that BRAZE_API_URL is the REST host of your own instance. The key needs the permission users.export.ids.',
    ],
    [403, 'the key lacks the permission. The key needs the permission users.export.ids.'],
    [
      404,
      'there is no /users/export/ids. Check BRAZE_API_URL. The key needs the permission users.export.ids.',
    ],
    [302, 'it redirects, which the API never does. Check BRAZE_API_URL.'],
  ])('is told of once, and asks no more (%d)', async (status, means) => {
    const { looks, requests, denials, look, lookups, clock, sleeping } = await lookAt(300, {
      respond: () => response({}, status),
      rate: { requests: 1, windowMs: 60_000 },
    })
    const message = `rest.test responded with ${status}: ${means}`
    expect(looks.map(unseenIn)).toEqual(Array(300).fill(`denied: ${message}`))
    expect(unseenIn(await look({ external_id: 'later' }, [], true))).toBe(`denied: ${message}`)
    expect([requests.length, denials]).toEqual([1, [message]])
    expect(sleeping.count).toBe(0)
    await clock.finish(lookups.close())
    expect(unseenIn(await look({ external_id: 'even later' }))).toBe(`denied: ${message}`)
  })

  test('is told of once where several requests find out', async () => {
    const { looks, requests, denials } = await lookAt(300, { respond: () => response({}, 403) })
    expect(looks.map(one => ('seen' in one ? 'seen' : one.unseen.why))).toEqual(Array(300).fill('denied'))
    expect([requests.length, denials.length]).toEqual([4, 1])
  })

  test('also ends what waits for another attempt; what is in flight still shows what it shows', async () => {
    const { looks, denials, sleeping } = await lookAt(150, {
      respond: request => [response({}, 503), response({}, 403)][request.index] ?? showing(request, profiles),
    })
    const kinds = looks.map(one => ('seen' in one ? 'seen' : one.unseen.why))
    expect(kinds).toEqual([...Array(100).fill('denied'), ...Array(50).fill('seen')])
    expect([denials.length, sleeping.count]).toEqual([1, 0])
  })
})

describe('a dead host', () => {
  test('keeps nobody waiting once five requests were given up, and is tried again by who comes later', async () => {
    let isDead = true
    const { looks, requests, look, clock, sleeping } = await lookAt(2000, {
      respond: request => (isDead ? lost('ECONNREFUSED') : showing(request, profiles)),
      rate: { requests: 250, windowMs: 60_000 },
    })
    const message = 'rest.test cannot be reached (ECONNREFUSED). Nothing is listening at this address.'
    expect(looks.map(unseenIn)).toEqual(Array(2000).fill(`failed: ${message}`))
    const sent = requests.length
    expect(sent).toBeLessThan(40 * 7)
    await clock.advance(3_600_000)
    expect([requests.length, sleeping.count]).toEqual([sent, 0])
    isDead = false
    expect(ownerOf(seenIn(await clock.finish(look({ external_id: 'u1' }))))).toBe('u1')
  })

  test.each([
    ['after five without a word', [], 'failed'],
    ['not after four and a response', [4], 'still waiting'],
    ['not after five with a response among them', [2], 'still waiting'],
  ])('%s', async (_name, responding, ending) => {
    const { look, clock } = tryLookups({
      profiles,
      fillMs: 3_600_000,
      respond: ({ people }) =>
        people[0]?.['email'] === 'dead' ? lost('ECONNREFUSED') : response({ message: 'success' }),
    })
    let waiting = 'still waiting'
    const patient = look({ external_id: 'u1' }).then(one => {
      waiting = 'seen' in one ? 'seen' : one.unseen.why
    })
    for (let i = 0; i < 5; i++) {
      expect(waiting).toBe('still waiting')
      await clock.finish(look({ email: responding.some(one => one === i) ? 'alive' : 'dead' }))
    }
    await Promise.resolve()
    expect(waiting).toBe(ending)
    await clock.finish(patient)
  })

  test('is one that never spoke the protocol; one that did has only stumbled', async () => {
    const odd = lost('ERR_SSL_WRONG_VERSION_NUMBER')
    const never = await lookAt(1, { respond: firstly([odd]) })
    expect([never.requests.length, never.looks.map(one => 'seen' in one)]).toEqual([1, [false]])
    const once = await lookAt(1, { respond: firstly([response({}, 503), odd]) })
    expect([once.requests.length, once.looks.map(one => 'seen' in one)]).toEqual([3, [true]])
  })
})

describe('a renamed user', () => {
  test('is asked for again alone where others are missing too, once each', async () => {
    const { looks, requests } = await lookAt(3, {
      respond: request =>
        request.people.some(({ external_id }) => external_id === 'u1')
          ? response({ users: [profileOf('new')] })
          : response({ users: [] }),
    })
    expect(requests.map(({ people }) => people.length)).toEqual([3, 1, 1, 1])
    expect(looks.map(one => [seenIn(one).isRenamed === true, ownerOf(seenIn(one))])).toEqual([
      [false, null],
      [true, 'new'],
      [false, null],
    ])
  })

  test('whose new id somebody else asks for is seen by both', async () => {
    const { looks, requests } = await lookAt(2, {
      respond: () => response({ users: [profileOf('u1')], invalid_user_ids: [] }),
    })
    expect(requests.map(({ people }) => people.length)).toEqual([2, 1])
    expect(looks.map(one => [seenIn(one).isRenamed === true, ownerOf(seenIn(one))])).toEqual([
      [true, 'u1'],
      [false, 'u1'],
    ])
  })

  test('is not looked for over and over where absent ids are never listed', async () => {
    const { look, clock, requests } = tryLookups({
      respond: () => response({ message: 'success', users: [], invalid_user_ids: [] }),
    })
    await clock.finish(Promise.all(numbered(50).map(user => look(user))))
    const first = requests.length
    const looks = await clock.finish(Promise.all(numbered(50).map(user => look(user))))
    expect([first, requests.length]).toEqual([51, 52])
    expect(looks.map(one => seenIn(one).profile)).toEqual(Array(50).fill(null))
  })
})

describe('a stop', () => {
  test('ends what waits at once, and waits for what is in flight', async () => {
    const stop = new AbortController()
    const { look, clock, requests, lookups, sleeping } = tryLookups({
      profiles,
      signal: stop.signal,
      afterMs: 30_000,
      concurrency: 1,
    })
    const looks = numbered(80).map(user => look(user))
    await clock.advance(1000)
    const begin = clock.now()
    stop.abort({ exit: 'terminated', message: 'Terminated.' })
    const waiting = await clock.finish(Promise.all(looks.slice(50)))
    expect([clock.now() - begin, waiting.map(unseenIn)]).toEqual([0, Array(30).fill('stopped: Terminated.')])
    await clock.finish(lookups.close())
    expect([clock.now() - begin, sleeping.count]).toEqual([29_000, 0])
    const others = await Promise.all(looks.slice(0, 50))
    expect(others.map(one => ownerOf(seenIn(one)))).toEqual(numbered(50).map(user => user.external_id))
    expect(unseenIn(await look({ external_id: 'later' }, [], true))).toBe('stopped: Terminated.')
    expect(requests).toHaveLength(1)
  })

  test.each<[string, () => Result]>([
    ['a failure', () => response({}, 503)],
    ['a 429', () => response({}, 429)],
    ['a refusal of several', () => response({}, 400)],
    ['a stranger among several', () => response({ users: [profileOf('new')] })],
  ])('lets nothing leave again after %s', async (_name, respond) => {
    const stop = new AbortController()
    const { look, clock, requests, sleeping } = tryLookups({ respond, signal: stop.signal, afterMs: 5000 })
    const looks = numbered(50).map(user => look(user))
    await clock.advance(1000)
    stop.abort()
    const ended = await clock.finish(Promise.all(looks))
    expect(ended.map(unseenIn)).toEqual(Array(50).fill('stopped: Interrupted.'))
    expect(clock.now() - (requests[0]?.at ?? 0)).toBe(5000)
    await clock.advance(3_600_000)
    expect([requests.length, sleeping.count]).toEqual([1, 0])
  })

  test('wakes who waits for a permit, for the next attempt, or for others', async () => {
    for (const options of [
      { rate: { requests: 1, windowMs: 3_600_000 } },
      { respond: () => response({}, 503), random: () => 1 },
      { fillMs: 3_600_000 },
    ]) {
      const stop = new AbortController()
      const { look, clock, sleeping } = tryLookups({ ...options, signal: stop.signal })
      const looks = [...numbered(50), { email: 'a@b.c' }, { external_id: 'last' }].map(user => look(user))
      await clock.advance(1000)
      stop.abort()
      await clock.finish(Promise.all(looks))
      await clock.advance(500)
      expect(sleeping.count).toBe(0)
    }
  })

  test('that came before everything asks nobody', async () => {
    const { look, requests } = tryLookups({ signal: AbortSignal.abort() })
    expect(unseenIn(await look({ external_id: 'a' }, [], true))).toBe('stopped: Interrupted.')
    expect(requests).toEqual([])
  })

  test('closing ends what waits, too', async () => {
    const { look, clock, lookups, requests } = tryLookups({ profiles })
    const looks = numbered(3).map(user => look(user))
    await clock.finish(lookups.close())
    expect((await Promise.all(looks)).map(unseenIn)).toEqual(
      Array(3).fill('stopped: The lookups are closed.'),
    )
    expect(requests).toEqual([])
  })
})

describe('a mistake of whoever is called', () => {
  const fail = (): never => {
    throw new Error('the disk is full')
  }

  test('where a request is told of ends its looks with it', async () => {
    const { looks } = await lookAt(2, { looked: fail })
    expect(looks.map(unseenIn)).toEqual(Array(2).fill('failed: Error: the disk is full'))
  })

  test('in the rate limit ends all that wait, and later ones try again', async () => {
    const clock = new SimulatedClock()
    const lookups = createLookups({
      post: async () => response({ message: 'success' }),
      rateLimit: {
        acquire: async () => fail(),
        observe: () => {},
        pausedUntil: () => 0,
        lasting: () => null,
      },
      clock,
      random: () => 0.5,
      signal: new AbortController().signal,
      host: 'rest.test',
    })
    for (let i = 0; i < 2; i++) {
      const look = lookups.look({ user: '{"external_id":"a"}', fields: [] })
      expect(unseenIn(await clock.finish(look))).toBe('failed: Error: the disk is full')
    }
  })
})

test('whatever the server does and whenever a stop comes, every look ends, and nothing goes on behind its back', async () => {
  const body = fc.oneof(
    fc.constantFrom<JsonObject>(
      { message: 'success' },
      { users: [profileOf('u1'), profileOf('new')] },
      { users: [profileOf('u1'), profileOf('new')], invalid_user_ids: ['u2'] },
      { users: {}, invalid_user_ids: [] },
    ),
    fc.jsonValue(),
  ) as fc.Arbitrary<JsonObject>
  const status = fc.constantFrom(200, 201, 201, 202, 302, 400, 403, 408, 413, 429, 429, 500, 503, 504)
  const result = fc.oneof(
    { arbitrary: fc.constant(null), weight: 2 },
    { arbitrary: fc.tuple(body, status).map(([one, code]) => response(one, code)), weight: 4 },
    {
      arbitrary: fc.constantFrom('ECONNREFUSED', 'DEADLINE', 'ERR_SSL_X').map(reason => lost(reason)),
      weight: 1,
    },
    { arbitrary: fc.constantFrom(cut(), cut(400), html), weight: 1 },
  )
  const wish = fc.record({
    user: fc.constantFrom<JsonObject>(
      ...numbered(4),
      { email: 'a@b.c' },
      { phone: '+1' },
      { user_alias: { alias_name: 'a', alias_label: 'b' } },
    ),
    waitMs: fc.constantFrom(0, 0, 100, 3000),
    isUrgent: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(result, { minLength: 1, maxLength: 12 }),
      fc.array(wish, { minLength: 1, maxLength: 12 }),
      fc.option(fc.integer({ min: 0, max: 60_000 })),
      fc.constantFrom(0, 100, 90_000),
      async (results, wishes, stopMs, afterMs) => {
        const stop = new AbortController()
        const { look, clock, requests, lookups, sleeping } = tryLookups({
          signal: stop.signal,
          afterMs,
          rate: { requests: 40, windowMs: 1000 },
          respond: request => results[request.index] ?? showing(request, profiles),
        })
        if (stopMs !== null) clock.after(stopMs, () => stop.abort())
        const looks: Promise<Look>[] = []
        async function ask(): Promise<Look[]> {
          for (const { user, waitMs, isUrgent } of wishes) {
            if (waitMs > 0) await clock.sleep(waitMs)
            looks.push(look(user, [], isUrgent))
          }
          return await Promise.all(looks)
        }
        const ended = await clock.finish(ask())
        expect(ended).toHaveLength(wishes.length)
        const sent = requests.length
        await clock.finish(lookups.close())
        await clock.advance(3_600_000)
        expect([requests.length, sleeping.count]).toEqual([sent, 0])
        // Parted in halves, asked for alone and tried again, a user is in so many requests at most.
        expect(sent).toBeLessThanOrEqual(wishes.length * 9 + 12)
      },
    ),
    { numRuns: 200 },
  )
})
