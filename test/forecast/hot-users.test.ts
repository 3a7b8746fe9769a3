import { expect, test } from 'vitest'
import { HotUsers, hashUser } from '../../src/forecast/hot-users.ts'

/** The hot users of an input in which `userOf` names the user of each row. */
function hotUsersOf(rows: number, userOf: (seq: number) => string) {
  const users = new HotUsers()
  for (let seq = 0; seq < rows; seq++) users.add({ seq, user: userOf(seq) })
  return users.figures()
}

const sum = (rows: number[]) => rows.reduce((total, one) => total + one, 0)

test('a hot user is found among any number of others, with the positions of its rows', () => {
  const { every, rows, users } = hotUsersOf(100_000, seq =>
    seq >= 50_000 && seq % 4 === 0 ? 'hot' : `u${seq}`,
  )
  expect([sum(rows), users.map(({ user }) => user)]).toEqual([100_000, [hashUser('hot')]])
  const [hot] = users
  expect(Math.abs(sum(hot?.rows ?? []) - 12_500)).toBeLessThan(10)
  expect(hot?.rows.slice(0, 50_000 / every - 1).every(count => count === 0)).toBe(true)
  expect(rows.length).toBeLessThanOrEqual(64)
})

test('users with a single row are not reported', () => {
  expect(hotUsersOf(10_000, seq => `u${seq}`).users).toEqual([])
})

test('all users of a small input are counted exactly', () => {
  const { every, rows, users } = hotUsersOf(12, seq => `u${seq % 3}`)
  expect([every, rows]).toEqual([16, [12]])
  expect(users).toEqual(['u0', 'u1', 'u2'].map(user => ({ user: hashUser(user), rows: [4] })))
})

test('an empty input has no users', () => {
  expect(new HotUsers().figures()).toEqual({ every: 16, rows: [], users: [] })
})
