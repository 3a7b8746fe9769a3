import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createSandbox } from '../../src/sandbox/server.ts'
import { temporaryFolder } from '../support/run-folder.ts'
import { one, postTo, withSandbox } from './tools.ts'

const time = '2022-12-06'

test('the users survive a restart, with everything they have', async () => {
  const folder = temporaryFolder()
  const state = join(folder, 'users.json')
  await withSandbox({ state }, async sandbox => {
    await postTo(sandbox, one('attributes', { external_id: 'a', email: 'a@b.c', plan: 'gold', n: 1 }))
    await postTo(sandbox, one('events', { external_id: 'a', name: 'e', time }))
    expect(existsSync(state)).toBe(false)
  })
  expect(statSync(state).mode & 0o777).toBe(0o600)
  expect(readdirSync(folder)).toEqual(['users.json'])
  await withSandbox({ state }, async sandbox => {
    await postTo(sandbox, one('attributes', { email: 'a@b.c', n: { inc: 1 } }))
    await postTo(sandbox, one('events', { external_id: 'a', name: 'e', time }))
    await postTo(sandbox, one('attributes', { external_id: 'b' }))
    const [first, second] = sandbox.profiles()
    expect(first).toMatchObject({ custom_attributes: { plan: 'gold', n: 2 }, custom_events: [{ count: 2 }] })
    expect(second?.braze_id).not.toBe(first?.braze_id)
  })
  await withSandbox({ state }, async sandbox => {
    await Promise.resolve()
    expect(sandbox.profiles().map(profile => profile.external_id)).toEqual(['a', 'b'])
  })
})

test.each(['', '[]', '{"profiles":[{}]}', '{"profiles":[{"braze_id":"1"'])(
  'a file that holds %j is refused and left as it is',
  async text => {
    const state = join(temporaryFolder(), 'users.json')
    writeFileSync(state, text)
    await expect(createSandbox({ state })).rejects.toMatchObject({ code: 'settings_invalid' })
    expect(statSync(state).size).toBe(text.length)
  },
)

test('a file for which there is no folder is refused before anything can be lost', async () => {
  const state = join(temporaryFolder(), 'nowhere', 'users.json')
  await expect(createSandbox({ state })).rejects.toMatchObject({ code: 'settings_invalid' })
})
