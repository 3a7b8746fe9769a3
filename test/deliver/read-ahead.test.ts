import { expect, test } from 'vitest'
import { objectsOf, tryDelivery } from './trial.ts'

test('large records are read ahead by their bytes, not by their number', async () => {
  const record = Buffer.alloc(16 * 1024 * 1024)
  const objects = objectsOf(40, seq => `u${seq}`).map(object => ({ ...object, raw: record }))
  const { happenings, error } = await tryDelivery(objects, { readAhead: 1000, concurrency: 2, batch: 1 })
  expect(error).toBeUndefined()
  let open = 0
  let most = 0
  for (const { what } of happenings) {
    if (what === 'read') open++
    if (what === 'settled') open--
    most = Math.max(most, open)
  }
  expect(happenings.filter(({ what }) => what === 'settled').length).toBe(40)
  // Four of them are 64 MB; the fifth is in the reader's hand.
  expect(most).toBe(5)
})
