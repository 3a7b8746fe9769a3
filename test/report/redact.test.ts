import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Account } from '../../src/model/account.ts'
import type { Json } from '../../src/model/json.ts'
import { outcomeNames } from '../../src/model/outcome.ts'
import { judgedValues } from '../../src/report/judged.ts'
import { Redaction } from '../../src/report/redact.ts'
import { account, runFacts } from '../support/build.ts'

const key = Buffer.alloc(32, 7)
const redaction = new Redaction(key, runFacts(1))
const secret = 'Zq-secret-qZ'

describe('a hash', () => {
  test('is of the value, whichever way its keys come, and of the key', () => {
    expect(redaction.hash({ a: 1, b: [2] })).toBe(redaction.hash({ b: [2], a: 1 }))
    const distinct: Json[] = ['1', 1, true, null, '', [], {}, [1, 2], [2, 1], { a: 1 }, [['a', 1]], '{"a":1}']
    expect(new Set(distinct.map(value => redaction.hash(value))).size).toBe(distinct.length)
    expect(redaction.hash('x')).toMatch(/^hmac:[0-9a-f]{24}$/)
    expect(new Redaction(Buffer.alloc(32, 8), runFacts(1)).hash('x')).not.toBe(redaction.hash('x'))
  })

  test('of an identifier is that of the same value elsewhere, so that both can be joined', () => {
    const { user } = redaction.account(account({ user: JSON.stringify({ email: 'ana@x.org' }) }))
    expect(JSON.parse(user)).toEqual({ email: redaction.hash('ana@x.org') })
    const alias = redaction.account(
      account({ user: JSON.stringify({ user_alias: { alias_name: 'ana', alias_label: 'crm' } }) }),
    )
    expect(JSON.parse(alias.user)).toEqual({
      user_alias: { alias_name: redaction.hash('ana'), alias_label: redaction.hash('crm') },
    })
    expect(redaction.account(account({ user: '' })).user).toBe('')
  })

  test('is all that is left of any value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (requested, returned) => {
        const one = account({
          body: { external_id: 'u', a: requested as Json },
          echoed: { custom_attributes: { a: returned as Json } },
        })
        const [value] = judgedValues(one).map(judged => redaction.value(judged))
        expect(value?.requested).toMatch(/^hmac:[0-9a-f]{24}$/)
        expect(value?.returned).toBe(redaction.hash(returned as Json))
      }),
    )
  })
})

describe('what is said of an object', () => {
  const statuses = [null, 201, 202, 400, 413, 418, 429, 500, 503]
  const messages = [
    secret,
    `\`age\` is "${secret}"`,
    `400: ${secret}`,
    `no response: ${secret}`,
    `left out: ${secret}`,
    'ESECRET',
    'UND_ERR_SECRET',
  ]

  test('quotes nothing, however it ended', () => {
    for (const outcome of outcomeNames.filter(name => name !== 'held'))
      for (const httpStatus of statuses)
        for (const reason of ['', 'cell_type', 'not_sent'])
          for (const message of messages) {
            const given = account({ outcome, httpStatus, reason, message, raw: Buffer.from(secret) })
            const { message: told, raw, body, echoed } = redaction.account(given)
            expect(told).not.toBe('')
            expect(`${told}${String(raw)}`).not.toContain(secret)
            if (httpStatus !== null) expect(told).not.toMatch(/SECRET/)
            expect([body, echoed]).toEqual([null, null])
          }
  })

  test('keeps what is ours: why an answer was lost, and which row it waits for', () => {
    const told = (more: Partial<Account>) => redaction.account(account({ httpStatus: null, ...more })).message
    expect(told({ outcome: 'unknown', message: 'no response: UND_ERR_SOCKET' })).toBe(
      'no response: UND_ERR_SOCKET',
    )
    const waits = 'waits for row 5 of in.csv, which is not settled'
    expect(told({ outcome: 'held', message: waits })).toBe(waits)
    expect(told({ outcome: 'verified', message: '' })).toBe('')
    expect(told({ outcome: 'invalid', reason: 'identifier_missing', message: 'x' })).toMatch(
      /none of the five/,
    )
  })

  test('does not tell why a run stopped, where that may quote its input', () => {
    const resumeWith = { 'max-errors': '9' }
    const stop = { exit: 'stopped' as const, message: secret, next: secret, resumeWith }
    const { stop: told } = redaction.facts(runFacts(1, { stop }))
    expect(JSON.stringify(told)).not.toContain(secret)
    expect(told).toMatchObject({ exit: 'stopped', resumeWith })
    const interrupted = { exit: 'interrupted' as const, message: 'Interrupted.' }
    expect(redaction.facts(runFacts(1, { stop: interrupted })).stop).toEqual(interrupted)
  })
})

test('headers and fingerprints of files are hashed, and files of other headers keep other names', () => {
  const [file] = runFacts(1).planned?.files ?? []
  if (file === undefined) throw new Error('There is a file.')
  const files = [
    file,
    { ...file, path: 'b.csv', header: Buffer.from(secret) },
    { ...file, path: 'c.ndjson', header: null },
  ]
  const facts = redaction.facts(
    runFacts(1, { planned: { objects: 1, invalid: 0, types: { [secret]: 'string' }, files } }),
  )
  expect(JSON.stringify(facts)).not.toContain(secret)
  const [one, two, three] = facts.planned?.files ?? []
  expect(String(one?.header)).not.toBe(String(two?.header))
  expect(three?.header).toBe(null)
  expect(one?.sha256).toMatch(/^hmac:/)
})
