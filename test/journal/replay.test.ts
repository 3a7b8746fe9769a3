import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Entry, RefusedEntry } from '../../src/journal/entry.ts'
import { noFacts } from '../../src/journal/facts.ts'
import { exchangeLine, refusedLine, sentLine } from '../../src/journal/lines.ts'
import { replay } from '../../src/journal/replay.ts'
import type { Account } from '../../src/model/account.ts'
import type { Exchange } from '../../src/model/exchange.ts'
import type { Outcome } from '../../src/model/outcome.ts'
import { problem } from '../../src/model/problem.ts'
import type { TrackObject } from '../../src/model/track-object.ts'
import { answered, now, streamOf, trackObject } from '../support/build.ts'
import { listOf } from './temporary.ts'

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
      body: { external_id: 'u0', plan: 'gold' },
      echoed: { external_id: 'u0' },
      reasons: ['exact'],
      raw: Buffer.from('raw 0'),
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
      message: 'no answer was recorded',
    })
    expect(account?.raw).toEqual(Buffer.from('raw 0'))
  })

  test('whose process was killed between two attempts is unknown, with the attempts it had', async () => {
    const accounts = await told([sent(0, 1), failed(0, 503), sent(0, 2)])
    expect(accounts.map(one => [one.outcome, one.attempts])).toEqual([['unknown', 2]])
  })

  test('whose answer was lost is unknown and says how', async () => {
    const lost = exchangeLine(0, lostExchange('UND_ERR_SOCKET'), now, ending('unknown'))
    const [account] = await told([sent(0, 1), lost])
    expect(account).toMatchObject({
      outcome: 'unknown',
      message: 'UND_ERR_SOCKET',
      durationMs: 20,
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
    const first = sentLine({ ...object(0), leftOut }, 1, now)
    const [quiet] = await told([first, ended(0, 201, 'verified')])
    expect(quiet?.message).toBe('left out: `x` is no number.')
    const [loud] = await told([first, ended(0, 400, 'rejected', 'Bad.')])
    expect(loud?.message).toBe('Bad.')
  })

  test('whose record is not UTF-8 comes back byte for byte', async () => {
    const raw = Uint8Array.from([0x5a, 0x6f, 0xeb, 0x2c, 0x00, 0xff])
    const lines = [sentLine({ ...object(0), raw }, 1, now), ended(0, 201, 'verified')]
    const [account] = await told(JSON.parse(JSON.stringify(lines)) as Entry[])
    expect(Buffer.from(account?.raw ?? [])).toEqual(Buffer.from(raw))
  })
})

describe('many objects', () => {
  test('come in input order, though they ended in another', async () => {
    const lines = [sent(0, 1), sent(1, 1), sent(2, 1), refused(3, 'invalid', 'x', 'y')]
    const ends = [ended(2, 201, 'verified'), ended(0, 201, 'mismatched'), ended(1, 400, 'rejected')]
    const accounts = await told([...lines, ...ends])
    expect(accounts.map(one => [one.seq, one.outcome])).toEqual([
      [0, 'mismatched'],
      [1, 'rejected'],
      [2, 'verified'],
      [3, 'invalid'],
    ])
  })

  test('are handed over as soon as all before them have ended, so that few are kept', async () => {
    let read = 0
    async function* counted(): AsyncGenerator<Entry> {
      for (let seq = 0; seq < 1000; seq++) {
        for (const line of [sent(seq, 1), ended(seq, 201, 'verified')]) {
          read++
          yield line
        }
      }
    }
    for await (const { seq } of replay(counted(), noFacts())) expect(read).toBe(2 * seq + 2)
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
          const accounts = await told(lines)
          expect(accounts.map(one => one.seq)).toEqual(fates.map((_, seq) => seq))
          expect(accounts.map(one => [one.outcome, one.attempts])).toEqual(
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
    return [...tries, last, exchangeLine(seq, lostExchange('ECONNRESET'), now, ending(end))]
  return [...tries, last, ended(seq, 201, end)]
}

async function told(entries: readonly Entry[]): Promise<Account[]> {
  return await listOf(replay(streamOf(entries), noFacts()))
}

function object(seq: number): TrackObject {
  const place = { seq, row: seq + 1, line: seq + 2, raw: Buffer.from(`raw ${seq}`) }
  return trackObject('attributes', { external_id: `u${seq}`, plan: 'gold' }, place)
}

function sent(seq: number, attempt: number): Entry {
  return sentLine(object(seq), attempt, now)
}

function failed(seq: number, status: number): Entry {
  return exchangeLine(seq, answered(status, ''), now)
}

function ended(seq: number, status: number, outcome: Outcome, message = ''): Entry {
  const user = { external_id: `u${seq}` }
  return exchangeLine(seq, answered(status, ''), now, { ...ending(outcome), user, message })
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
