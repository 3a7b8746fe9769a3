import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exchangeLine, refusedLine, sentLine } from '../../src/journal/to-entry.ts'
import { packRaw, unpackRaw } from '../../src/journal/entry.ts'
import { problem } from '../../src/model/problem.ts'
import { answered, now, trackObject } from '../support/build.ts'

const object = trackObject(
  'attributes',
  { external_id: 'u', plan: 'gold' },
  { seq: 7, raw: Buffer.from('u,gold') },
)
const place = { file: 'in.csv', row: 3, line: 4, part: 0, kind: 'attributes', user: '{"external_id":"u"}' }

describe('the line of a request that is about to leave', () => {
  test('carries the object, its place and its original record', () => {
    expect(sentLine({ object, attempt: 1, first: true }, now)).toEqual({
      t: 'sent',
      at: now,
      seq: 7,
      attempt: 1,
      object: { ...place, raw: 'u,gold', body: { external_id: 'u', plan: 'gold' } },
    })
  })
  test('carries the object once in a process; later attempts carry its number', () => {
    const line = { t: 'sent', at: now, seq: 7, attempt: 2 }
    expect(sentLine({ object, attempt: 2, first: false }, now)).toEqual(line)
    expect(sentLine({ object, attempt: 2, first: true }, now).object?.raw).toBe('u,gold')
  })
  test('says in whose request it rides', () => {
    expect(sentLine({ object, attempt: 1, first: false }, now, 3)).toMatchObject({ seq: 7, with: 3 })
    expect(sentLine({ object, attempt: 1, first: false }, now, 7).with).toBeUndefined()
  })
  test('says what was left out of the object', () => {
    const leftOut = [problem('cell_type', '`x` is no number.'), problem('cell_type', '`y` is no date.')]
    const line = sentLine({ object: { ...object, leftOut }, attempt: 1, first: true }, now)
    expect(line.object?.leftOut).toBe('left out: `x` is no number. `y` is no date.')
  })
})

describe('the line of an exchange', () => {
  test('that did not end its object has no outcome', () => {
    expect(exchangeLine(7, answered(429, ''), now)).toEqual({
      t: 'answered',
      at: now,
      seq: 7,
      status: 429,
      ms: 20,
    })
    const lost = { ...answered(0, ''), result: { lost: { sent: true, reason: 'UND_ERR_SOCKET' } } }
    expect(exchangeLine(7, lost, now)).toEqual({
      t: 'lost',
      at: now,
      seq: 7,
      reason: 'UND_ERR_SOCKET',
      sent: true,
      ms: 20,
    })
  })
  test('that ended its object says how', () => {
    const user = { external_id: 'u' }
    const ending = { outcome: 'verified' as const, reasons: ['exact' as const], user, message: '' }
    expect(exchangeLine(7, answered(201, {}), now, 7, ending)).toEqual({
      t: 'answered',
      at: now,
      seq: 7,
      status: 201,
      ms: 20,
      outcome: 'verified',
      reasons: ['exact'],
      user,
    })
  })
  test('of a lost answer that ended its object is unknown, whatever else is said', () => {
    const lost = { ...answered(0, ''), result: { lost: { sent: true, reason: 'ECONNRESET' } } }
    const ending = { outcome: 'unknown' as const, reasons: [], user: null, message: 'x' }
    expect(exchangeLine(7, lost, now, 7, ending)).toMatchObject({ t: 'lost', outcome: 'unknown' })
  })
  test('never carries the headers or the body of the answer', () => {
    const line = JSON.stringify(exchangeLine(7, answered(400, 'secret body'), now))
    expect(line).not.toContain('secret')
  })
})

test('the line of an object that was not sent says why, with its place and its original record', () => {
  expect(refusedLine(object, 'held', 'held', 'waits for row 1', now)).toEqual({
    t: 'refused',
    at: now,
    seq: 7,
    outcome: 'held',
    reason: 'held',
    message: 'waits for row 1',
    object: { ...place, raw: 'u,gold' },
  })
})

test('the line of an object that is refused here says what it would have written over', () => {
  expect(refusedLine(object, 'invalid', 'x', 'y', now).fields).toEqual(['plan'])
  expect(refusedLine({ ...object, kind: 'events' }, 'invalid', 'x', 'y', now)).not.toHaveProperty('fields')
})

test('the line of an object that need not be sent says what it asked for', () => {
  expect(refusedLine(object, 'unchanged', 'unchanged', '', now).body).toEqual(object.body)
})

describe('original records', () => {
  test('are kept as text where they are UTF-8', () => {
    expect(packRaw(Buffer.from('Zoë,"a\r\nb"'))).toBe('Zoë,"a\r\nb"')
  })
  test('are kept in base64 where they are not', () => {
    expect(packRaw(Buffer.from([0x5a, 0x6f, 0xeb]))).toEqual({ base64: 'Wm/r' })
  })
  test('survive byte for byte, whatever they are, through JSON and back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), bytes => {
        const line = JSON.stringify(packRaw(bytes))
        expect(Buffer.from(unpackRaw(JSON.parse(line) as ReturnType<typeof packRaw>))).toEqual(
          Buffer.from(bytes),
        )
      }),
    )
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        const bytes = Buffer.from(text)
        expect(Buffer.from(unpackRaw(packRaw(bytes)))).toEqual(bytes)
      }),
    )
  })
  test('survive as part of a larger buffer, without their neighbours', () => {
    const whole = Buffer.from('before|record|after')
    expect(packRaw(whole.subarray(7, 13))).toBe('record')
    const odd = Buffer.from([1, 2, 0xff, 0xfe, 3])
    expect(Buffer.from(unpackRaw(packRaw(odd.subarray(2, 4))))).toEqual(Buffer.from([0xff, 0xfe]))
  })
  test('keep a byte order mark', () => {
    const bytes = Buffer.from([0xef, 0xbb, 0xbf, 0x61])
    expect(Buffer.from(unpackRaw(packRaw(bytes)))).toEqual(bytes)
  })
})
