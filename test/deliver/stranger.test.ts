import { describe, expect, test } from 'vitest'
import type { Answer } from '../../src/model/exchange.ts'
import { all, answer, endings, type Fate, objectsOf, tryDelivery } from './trial.ts'

const page: { answer: Answer } = {
  answer: { status: 200, headers: {}, body: '<html><title>Sign in</title></html>', complete: true },
}
const empty: { answer: Answer } = { answer: { status: 204, headers: {}, body: '', complete: true } }
const half: { answer: Answer } = {
  answer: { status: 201, headers: {}, body: '', complete: false, cut: 'UND_ERR_SOCKET' },
}
const good = answer(201)

/** Events of many users, one at a time; each request meets the answer of its number, and the last one from there on. */
async function meet(answers: { answer: Answer }[], count = 20) {
  const fate = ({ index }: { index: number }): Fate => ({ result: answers[index] ?? answers.at(-1) ?? good })
  return await tryDelivery(
    objectsOf(count, seq => `u${seq}`, 'events'),
    { concurrency: 1, fate, afterUnknown: 'continue' },
  )
}

describe('what answers and is not the API', () => {
  test.each([
    ['a page', page, 'Sign in'],
    ['nothing', empty, 'the response is empty'],
  ])('stops the run at the first answer: %s', async (_name, first, said) => {
    const trial = await meet([first])
    expect(trial.stop).toMatchObject({ exit: 'refused' })
    expect(trial.stop?.message).toContain(said)
    expect(trial.stop?.message).toMatch(/A proxy, a firewall or a sign-in page may be answering/)
    expect(all(trial, 'left')).toHaveLength(1)
    expect(endings(trial)).toMatchObject({ 0: 'in doubt', 1: 'not_sent', 19: 'not_sent' })
  })

  test('stops it once it has answered three times in a row', async () => {
    const trial = await meet([good, page, page, good, page, empty, page, good])
    expect(all(trial, 'left')).toHaveLength(7)
    expect(trial.stop?.exit).toBe('refused')
    expect(endings(trial)).toMatchObject({ 0: '201', 1: 'in doubt', 2: 'in doubt', 3: '201', 6: 'in doubt' })
  })

  test('stops nothing where it answers now and then', async () => {
    const trial = await meet([good, page, good, page, page, answer(500), page, page, good])
    expect(trial.stop).toBeNull()
    const ends = Object.values(endings(trial))
    expect(ends.filter(end => end === 'in doubt')).toHaveLength(6)
  })

  test('may be the API after all where its first answer broke off; three in a row are too many', async () => {
    const once = await meet([half, good])
    expect(once.stop).toBeNull()
    expect(endings(once)).toMatchObject({ 0: 'in doubt', 1: '201', 19: '201' })
    const always = await meet([half])
    expect(always.stop?.message).toContain('not complete (UND_ERR_SOCKET)')
    expect(all(always, 'left')).toHaveLength(3)
  })
})

test('what does no harm twice is sent again after an answer that cannot be read', async () => {
  const fate = ({ index }: { index: number }): Fate => ({ result: index === 1 ? page : good })
  const trial = await tryDelivery(
    objectsOf(3, () => 'u'),
    { concurrency: 1, fate },
  )
  expect(endings(trial)).toEqual({ 0: '201', 1: '201', 2: '201' })
  expect(all(trial, 'failed').map(({ seq, exchange }) => [seq, exchange.inDoubt])).toEqual([[1, true]])
  expect(all(trial, 'left').map(({ seq }) => seq)).toEqual([0, 1, 1, 2])
})
