import { describe, expect, test } from 'vitest'
import { families, statuses, statusOf, steps } from '../../src/braze/statuses.ts'

describe('the table of statuses', () => {
  test('says of each where it stands', () => {
    for (const { means, basis, source } of Object.values({ ...statuses, ...families })) {
      expect(means).toMatch(/\.$/)
      expect(['documented', 'assumed']).toContain(basis)
      expect(source).not.toBe('')
    }
  })

  test.each([
    [200, 'yes', 'judge'],
    [201, 'yes', 'judge'],
    [202, 'queued', 'judge'],
    [204, 'yes', 'judge'],
    [301, 'no', 'stop'],
    [308, 'no', 'stop'],
    [400, 'no', 'reject'],
    [401, 'no', 'stop'],
    [403, 'no', 'stop'],
    [404, 'no', 'stop'],
    [407, 'no', 'stop'],
    [408, 'no', 'retry'],
    [409, 'no', 'reject'],
    [413, 'no', 'reject'],
    [418, 'no', 'reject'],
    [421, 'no', 'stop'],
    [422, 'no', 'reject'],
    [425, 'no', 'retry'],
    [429, 'no', 'wait'],
    [500, 'maybe', 'retry'],
    [504, 'maybe', 'retry'],
    [520, 'maybe', 'retry'],
    [599, 'maybe', 'retry'],
    [999, 'maybe', 'retry'],
  ])('%i: applied %s, then %s', (status, applied, follows) => {
    expect(statusOf(status)).toMatchObject({ applied, follows })
  })

  test('lets nothing that may be applied end as refused, and nothing that is not end as done', () => {
    for (let code = 100; code < 1000; code++) {
      const { applied, follows } = statusOf(code)
      expect(Object.keys(steps)).toContain(follows)
      if (follows === 'reject' || follows === 'stop' || follows === 'wait')
        expect([code, applied]).toEqual([code, 'no'])
      if (follows === 'judge') expect(['yes', 'queued']).toContain(applied)
      if (code >= 400) expect(['no', 'maybe']).toContain(applied)
    }
  })
})
