import { describe, expect, test } from 'vitest'
import { actionOf, statuses } from '../../src/model/status.ts'

describe('the table of statuses', () => {
  test('says of each where it stands', () => {
    for (const { means, basis, source } of Object.values(statuses)) {
      expect(means).not.toBe('')
      expect(['documented', 'assumed']).toContain(basis)
      expect(source).not.toBe('')
    }
  })

  test.each([
    [200, 'reconcile'],
    [201, 'reconcile'],
    [202, 'queued'],
    [302, 'stop'],
    [400, 'reject'],
    [401, 'stop'],
    [403, 'stop'],
    [404, 'stop'],
    [409, 'reject'],
    [413, 'reject'],
    [429, 'wait'],
    [500, 'doubt'],
    [504, 'doubt'],
    [599, 'doubt'],
  ])('%i: %s', (status, action) => expect(actionOf(status)).toBe(action))
})
