import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Entry, RefusedEntry } from '../../src/journal/entry.ts'
import { exchangeLine, refusedLine, sentLine } from '../../src/journal/to-entry.ts'
import type { Exchange } from '../../src/model/exchange.ts'
import type { Outcome } from '../../src/model/outcome.ts'
import { problem } from '../../src/model/problem.ts'
import type { TrackObject } from '../../src/model/track-object.ts'
import { answered, now, trackObject } from '../support/build.ts'
import { accounts, resumed, told } from './told.ts'

describe('one object', () => {
  test('that was answered is told with everything the journal knows of it', async () => {
    const [account] = await told([sent(0, 1), ended(0, 201, 'verified')])
    expect(account).toEqual({
      seq: 0,
      file: 'in.csv',
      row: 1,
      line: 2,
      part: 0,
      kind: 'attributes',
      user: '{"external_id":"u0"}',
      outcome: 'verified',
      reason: '',
      message: '',
      httpStatus: 201,
      attempts: 1,
      durationMs: 20,
      endedAt: now,
      body: { external_id: 'u0', plan: 'gold' },
      echoed: { external_id: 'u0' },
      reasons: ['exact'],
      raw: Buffer.from('raw 0'),
      overtakenBy: null,
    })
  })

  test('that was sent and never answered is unknown, each of its values too', async () => {
    const [account] = await told([sent(0, 1)])
    expect(account).toMatchObject({
      outcome: 'unknown',
      attempts: 1,
      httpStatus: null,
      durationMs: null,
      echoed: null,
      reasons: ['answer_lost'],
      message: 'no response was recorded',
    })
    expect(account?.raw).toEqual(Buffer.from('raw 0'))
  })

  test('whose process was killed between two attempts is unknown, with the attempts it had', async () => {
    const found = await told([sent(0, 1), failed(0, 503), sent(0, 2)])
    expect(found.map(one => [one.outcome, one.attempts])).toEqual([['unknown', 2]])
  })

  test('whose answer was lost is unknown and says how', async () => {
    const lost = exchangeLine(0, lostExchange('UND_ERR_SOCKET'), now, 0, ending('unknown'))
    const [account] = await told([sent(0, 1), lost])
    expect(account).toMatchObject({
      outcome: 'unknown',
      message: 'UND_ERR_SOCKET',
      durationMs: 20,
      endedAt: now,
      httpStatus: null,
    })
  })

  test('counts its attempts, and keeps what its first line said', async () => {
    const lines = [
      sent(0, 1),
      failed(0, 429),
      sent(0, 2),
      failed(0, 429),
      sent(0, 3),
      ended(0, 400, 'rejected', 'No.'),
    ]
    const [account] = await told(lines)
    expect(account).toMatchObject({ outcome: 'rejected', attempts: 3, httpStatus: 400, message: 'No.' })
    expect(account?.body).toEqual({ external_id: 'u0', plan: 'gold' })
  })

  test('that was refused here was never sent, and keeps its original record', async () => {
    const [account] = await told([refused(0, 'invalid', 'identifier_missing', 'Nobody.')])
    expect(account).toMatchObject({
      outcome: 'invalid',
      reason: 'identifier_missing',
      message: 'Nobody.',
      attempts: 0,
      body: null,
      httpStatus: null,
    })
    expect(account?.raw).toEqual(Buffer.from('raw 0'))
  })

  test('that was turned back by a 429 and then not sent any more is not_sent, and its requests are counted', async () => {
    const [account] = await told([
      sent(0, 1),
      failed(0, 429),
      refused(0, 'not_sent', 'not_sent', 'Interrupted.'),
    ])
    expect(account).toMatchObject({ outcome: 'not_sent', attempts: 1, message: 'Interrupted.' })
  })

  test('of which something was left out says so, unless the answer has something to say', async () => {
    const leftOut = [problem('cell_type', '`x` is no number.')]
    const first = sentLine({ object: { ...object(0), leftOut }, attempt: 1, first: true }, now)
    const [quiet] = await told([first, ended(0, 201, 'verified')])
    expect(quiet?.message).toBe('left out: `x` is no number.')
    const [loud] = await told([first, ended(0, 400, 'rejected', 'Bad.')])
    expect(loud?.message).toBe('Bad.')
  })

  test('whose record is not UTF-8 comes back byte for byte', async () => {
    const raw = Uint8Array.from([0x5a, 0x6f, 0xeb, 0x2c, 0x00, 0xff])
    const lines = [
      sentLine({ object: { ...object(0), raw }, attempt: 1, first: true }, now),
      ended(0, 201, 'verified'),
    ]
    const [account] = await told(JSON.parse(JSON.stringify(lines)) as Entry[])
    expect(Buffer.from(account?.raw ?? [])).toEqual(Buffer.from(raw))
  })
})

describe('an object that its process left open', () => {
  test('is not sent where everything that left was certainly not applied', async () => {
    const lines = [sent(0, 1), failed(0, 429), sent(1, 1), exchangeLine(1, neverSent, now)]
    const found = await told(lines)
    expect(found.map(one => [one.outcome, one.attempts, one.body])).toEqual([
      ['not_sent', 1, null],
      ['not_sent', 1, null],
    ])
    expect(found[0]?.raw).toEqual(Buffer.from('raw 0'))
  })

  test('is unknown where one request of several may have been applied', async () => {
    const found = await told([sent(0, 1), failed(0, 503), sent(0, 2), failed(0, 429)])
    expect(found.map(one => [one.outcome, one.attempts])).toEqual([['unknown', 2]])
  })
})

describe('a run of several processes', () => {
  test('tells each object once, as the last process left it, in input order', async () => {
    const found = await told([
      sent(0, 1),
      sent(1, 1),
      sent(2, 1),
      ended(1, 201, 'mismatched'),
      failed(2, 429),
      refused(3, 'not_sent', 'not_sent', 'Interrupted.'),
      resumed,
      again(2, 2),
      again(3, 1),
      ended(3, 201, 'verified'),
      ended(2, 400, 'rejected'),
      resumed,
      again(0, 2),
      ended(0, 201, 'verified'),
    ])
    expect(found.map(one => [one.seq, one.outcome, one.attempts])).toEqual([
      [0, 'verified', 2],
      [1, 'mismatched', 1],
      [2, 'rejected', 2],
      [3, 'verified', 1],
    ])
  })

  test('leaves what no process has taken up again as it was', async () => {
    const found = await told([sent(0, 1), sent(1, 1), resumed, again(1, 2), ended(1, 201, 'verified')])
    expect(found.map(one => [one.seq, one.outcome])).toEqual([
      [0, 'unknown'],
      [1, 'verified'],
    ])
  })

  test('that was killed has no accounts of what it never reached', async () => {
    expect((await told([sent(0, 1), refused(5, 'invalid', 'x', 'y')])).map(one => one.seq)).toEqual([0, 5])
  })
})

test('rows that rode in the request of another have accounts of their own', async () => {
  const rider = { object: object(1), attempt: 1, first: true }
  const end = { ...ending('unverifiable'), reasons: ['superseded' as const] }
  const found = await told([
    sent(0, 1),
    sentLine(rider, now, 0),
    ended(0, 201, 'verified'),
    exchangeLine(1, answered(201, ''), now, 0, end),
  ])
  expect(found.map(one => [one.outcome, one.reasons, one.httpStatus])).toEqual([
    ['verified', ['exact'], 201],
    ['unverifiable', ['superseded'], 201],
  ])
})

describe('an object that did not get through', () => {
  const later = (seq: number) => {
    const body = { external_id: 'u0', plan: 'silver' }
    const one = { ...object(seq), body, user: '{"external_id":"u0"}' }
    return sentLine({ object: one, attempt: 1, first: true }, now)
  }

  test('names the later row of the same user that wrote the same field', async () => {
    const [account] = await told([sent(0, 1), ended(0, 400, 'rejected'), later(4), ended(4, 201, 'verified')])
    expect(account?.overtakenBy).toBe('row 5 of in.csv')
  })

  test('so does one that was refused here, or is unknown', async () => {
    const line = refusedLine(object(0), 'invalid', 'x', 'y', now)
    const ends = [later(4), ended(4, 201, 'verified')]
    const lost = exchangeLine(0, lostExchange('ECONNRESET'), now, 0, ending('unknown'))
    for (const lines of [[line], [sent(0, 1), lost]]) {
      expect((await told([...lines, ...ends]))[0]?.overtakenBy).toBe('row 5 of in.csv')
    }
  })

  test('is not overtaken by what was not applied, wrote another field, or is about somebody else', async () => {
    const other = { ...object(4), body: { external_id: 'u0', age: 1 }, user: '{"external_id":"u0"}' }
    const cases: Entry[][] = [
      [later(4), ended(4, 400, 'rejected')],
      [later(4), failed(4, 429)],
      [sentLine({ object: other, attempt: 1, first: true }, now), ended(4, 201, 'verified')],
      [sent(4, 1), ended(4, 201, 'verified')],
    ]
    for (const lines of cases) {
      expect((await told([sent(0, 1), ended(0, 400, 'rejected'), ...lines]))[0]?.overtakenBy).toBeNull()
    }
  })
})

describe('many objects', () => {
  test('come in input order, though they ended in another', async () => {
    const lines = [sent(0, 1), sent(1, 1), sent(2, 1), refused(3, 'invalid', 'x', 'y')]
    const ends = [ended(2, 201, 'verified'), ended(0, 201, 'mismatched'), ended(1, 400, 'rejected')]
    const found = await told([...lines, ...ends])
    expect(found.map(one => [one.seq, one.outcome])).toEqual([
      [0, 'mismatched'],
      [1, 'rejected'],
      [2, 'verified'],
      [3, 'invalid'],
    ])
  })

  test('are handed over as soon as all before them have ended, so that few are kept', async () => {
    let read = 0
    const lines = Array.from({ length: 1000 }, (_, seq) => [sent(seq, 1), ended(seq, 201, 'verified')]).flat()
    // The first two lines are those of the run and its plan.
    for await (const { seq } of accounts(lines, () => read++)) expect(read).toBe(2 * seq + 4)
  })

  test('whatever the order of their lines, each is told once, in its place, and never better than it was', async () => {
    const fate = fc.record({
      retries: fc.integer({ min: 0, max: 4 }),
      end: fc.constantFrom<Outcome | 'open' | 'refused'>(
        'verified',
        'mismatched',
        'rejected',
        'unknown',
        'open',
        'refused',
      ),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fate, { maxLength: 25 }),
        fc.infiniteStream(fc.nat()),
        async (fates, choices) => {
          const stories = fates.map(({ retries, end }, seq) => storyOf(seq, retries, end))
          const lines: Entry[] = []
          while (stories.some(story => story.length > 0)) {
            const unfinished = stories.filter(story => story.length > 0)
            const line = unfinished[choices.next().value % unfinished.length]?.shift()
            if (line !== undefined) lines.push(line)
          }
          const found = await told(lines)
          expect(found.map(one => one.seq)).toEqual(fates.map((_, seq) => seq))
          expect(found.map(one => [one.outcome, one.attempts])).toEqual(
            fates.map(({ end, retries }) => {
              if (end === 'refused') return ['invalid', 0]
              return [end === 'open' ? 'unknown' : end, retries + 1]
            }),
          )
        },
      ),
      { numRuns: 200 },
    )
  })
})

function storyOf(seq: number, retries: number, end: Outcome | 'open' | 'refused'): Entry[] {
  if (end === 'refused') return [refused(seq, 'invalid', 'x', 'y')]
  const tries = Array.from({ length: retries }, (_, i) => [sent(seq, i + 1), failed(seq, 429)]).flat()
  const last = sent(seq, retries + 1)
  if (end === 'open') return [...tries, last]
  if (end === 'unknown')
    return [...tries, last, exchangeLine(seq, lostExchange('ECONNRESET'), now, seq, ending(end))]
  return [...tries, last, ended(seq, 201, end)]
}

function object(seq: number): TrackObject {
  const place = { seq, row: seq + 1, line: seq + 2, raw: Buffer.from(`raw ${seq}`) }
  return trackObject('attributes', { external_id: `u${seq}`, plan: 'gold' }, place)
}

function sent(seq: number, attempt: number): Entry {
  return sentLine({ object: object(seq), attempt, first: attempt === 1 }, now)
}

/** The first request of a later process. */
function again(seq: number, attempt: number): Entry {
  return sentLine({ object: object(seq), attempt, first: true }, now)
}

const neverSent: Exchange = {
  ...answered(0, ''),
  result: { lost: { sent: false, reason: 'ECONNREFUSED' } },
}

function failed(seq: number, status: number): Entry {
  return exchangeLine(seq, answered(status, ''), now)
}

function ended(seq: number, status: number, outcome: Outcome, message = ''): Entry {
  const user = { external_id: `u${seq}` }
  return exchangeLine(seq, answered(status, ''), now, seq, { ...ending(outcome), user, message })
}

function refused(seq: number, outcome: RefusedEntry['outcome'], reason: string, message: string): Entry {
  return refusedLine(object(seq), outcome, reason, message, now)
}

function ending(outcome: Outcome) {
  return { outcome, reasons: ['exact' as const], user: null, message: '' }
}

function lostExchange(reason: string): Exchange {
  return { ...answered(0, ''), result: { lost: { sent: true, reason } } }
}
