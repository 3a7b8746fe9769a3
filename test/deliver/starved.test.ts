import { describe, expect, test } from 'vitest'
import { all, answer, endings, objectsOf, ok, tryDelivery } from './trial.ts'

describe('time lost because all that was read waits for answers', () => {
  test('is told where one user fills the read-ahead', async () => {
    let waited = 0
    const trial = await tryDelivery(
      objectsOf(60, seq => (seq < 50 ? 'hot' : `u${seq}`)),
      {
        readAhead: 10,
        fate: () => ({ afterMs: 1000, result: answer(201) }),
        waitedForLanes: ms => (waited += ms),
      },
    )
    // Nobody else is in sight until the last fifty rows of one user have begun; then everyone goes.
    expect(waited).toBeGreaterThanOrEqual(35_000)
    const took = (all(trial, 'over')[0]?.at ?? 0) - trial.startedAt
    expect(waited).toBeLessThanOrEqual(took)
  })

  test('is not told where the rate limit makes everyone wait anyway', async () => {
    let waited = 0
    await tryDelivery(
      objectsOf(60, () => 'hot'),
      { readAhead: 10, permitMs: 300, fate: () => ok, waitedForLanes: ms => (waited += ms) },
    )
    expect(waited).toBe(0)
  })

  test('is not told where there are users enough', async () => {
    let waited = 0
    await tryDelivery(
      objectsOf(400, seq => `u${seq % 40}`),
      { concurrency: 5, readAhead: 40, waitedForLanes: ms => (waited += ms) },
    )
    expect(waited).toBe(0)
  })
})

test('whatever one object waits for, the reader runs no more than twenty read-aheads in front of it', async () => {
  let oldest = 0
  let farthest = 0
  const trial = await tryDelivery(
    objectsOf(3000, seq => `u${seq}`),
    {
      readAhead: 50,
      batch: 1,
      concurrency: 20,
      // The first one is in doubt for minutes, all others are done at once.
      fate: ({ seq }) =>
        seq === 0 ? { afterMs: 60_000, result: answer(503) } : { afterMs: 1, result: answer(201) },
      settled: objects => {
        if (objects[0]?.seq === 0) oldest = Number.POSITIVE_INFINITY
      },
      sending: async ({ seq }) => {
        if (oldest === 0) farthest = Math.max(farthest, seq)
      },
    },
  )
  expect(Object.values(endings(trial)).filter(end => end === '201')).toHaveLength(2999)
  expect(farthest).toBe(1000 - 1)
})
