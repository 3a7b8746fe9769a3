import type { JsonObject } from '../../src/model/json.ts'

/** A kind of run that is killed. */
export interface Scenario {
  name: string
  /** The object of a row; the token is the number by which the host knows it again. */
  object: (token: number, user: string) => JsonObject
  /** What a row must not overtake, beside the rows of its user. Default: all of the user's. */
  lane?: (token: number) => string
  flags: readonly string[]
  /** Applied twice, such a row does no harm, so long as the last row of its lane is the last that is written. */
  isHarmlessTwice: boolean
  /** How the run begins, and how it goes on. */
  begins: 'files' | 'once' | 'stream'
  /** An earlier run that has sent half of these very rows. */
  hasEarlier?: true
}

const time = '2024-01-01T00:00:00Z'
const event = (token: number, user: string) => ({
  external_id: user,
  name: 'opened',
  time,
  properties: { row: token },
})
const attribute = (token: number, user: string) => ({ external_id: user, plan: token })
const plain = { flags: [], isHarmlessTwice: false, begins: 'files' } as const
const threeFields = ['plan', 'city', 'size'] as const
const fieldOf = (token: number) => threeFields[token % 3] ?? 'plan'

/** Everything that decides what may be sent again, and every way in which a run can begin. */
export const scenarios: Scenario[] = [
  { ...plain, name: 'events', object: event },
  {
    ...plain,
    name: 'purchases',
    object: (token, user) => ({
      external_id: user,
      product_id: 'box',
      currency: 'EUR',
      price: 2.5,
      time,
      properties: { row: token },
    }),
  },
  {
    ...plain,
    name: 'inc',
    object: (token, user) => ({ external_id: user, points: { inc: 1 }, row: token }),
  },
  { ...plain, name: 'attributes', object: attribute, isHarmlessTwice: true },
  {
    ...plain,
    name: '--order value',
    object: (token, user) => ({ external_id: user, [fieldOf(token)]: token }),
    lane: fieldOf,
    flags: ['--order', 'value'],
    isHarmlessTwice: true,
  },
  {
    ...plain,
    name: '--coalesce',
    object: (token, user) => ({ external_id: user, plan: token, [`row_${token % 1000}`]: token }),
    flags: ['--coalesce'],
    isHarmlessTwice: true,
  },
  {
    ...plain,
    name: '--skip-unchanged',
    object: attribute,
    flags: ['--skip-unchanged', 'earlier'],
    isHarmlessTwice: true,
    hasEarlier: true,
  },
  { ...plain, name: '--once', object: event, flags: ['--once'], begins: 'once' },
  { ...plain, name: 'standard input', object: event, begins: 'stream' },
]
