import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { main, trackSync } from '../support/cli.ts'
import { temporaryFolder } from '../support/run-folder.ts'

test('the sandbox prints the two lines that point a client at it, serves it, and stops on SIGINT', async () => {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'a.csv'), 'external_id,plan\nu1,gold\n')
  const child = spawn(process.execPath, [main, 'sandbox', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  const env = Object.fromEntries(
    [...said.toString().matchAll(/^export (\w+)=(\S+)$/gm)].map(([, name, value]) => [name, value]),
  )
  expect(Object.keys(env)).toEqual(['BRAZE_API_URL', 'BRAZE_API_KEY'])
  const { code, stderr } = await trackSync(['import', 'a.csv', '--quiet'], {
    cwd,
    env: env as Record<string, string>,
  })
  expect(code, stderr).toBe(0)
  const gone = once(child, 'exit')
  child.kill('SIGINT')
  expect(await gone).toEqual([0, null])
})
