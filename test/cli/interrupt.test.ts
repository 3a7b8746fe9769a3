import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createSandbox } from '../../src/index.ts'
import { bareEnv, main } from '../support/cli.ts'
import { readCsv, readSummary, temporaryFolder } from '../support/run-folder.ts'
const cwd = temporaryFolder()
const rows = 400
writeFileSync(
  join(cwd, 'many.csv'),
  `external_id,plan\n${Array.from({ length: rows }, (_, i) => `u${i},gold\n`).join('')}`,
)

describe('a signal', () => {
  for (const [signal, exit] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    test(`${signal} waits for what is in flight, accounts for every row, and exits ${exit}`, async () => {
      const sandbox = await createSandbox({
        onCall: () => {
          if (sandbox.calls().length === 5) child.kill(signal)
        },
      })
      const env = { ...bareEnv(), BRAZE_API_URL: sandbox.url, BRAZE_API_KEY: 'k' }
      const args = [main, 'import', 'many.csv', '--run-id', signal, '--quiet']
      const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] })
      let stderr = ''
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
      expect(await once(child, 'close')).toEqual([exit, null])
      expect(stderr.trimEnd().split('\n').at(-1)).toBe(`Next: track-sync resume reports/${signal} --quiet`)

      const folder = join(cwd, 'reports', signal)
      const summary = readSummary(folder)
      expect(summary).toMatchObject({ status: 'interrupted', exitCode: exit })
      expect(summary.objects.unknown).toBe(0)
      expect(summary.objects.verified).toBe(sandbox.calls().length)
      expect(summary.objects.verified + summary.objects.notSent).toBe(rows)
      expect(readCsv(join(folder, 'rows.csv')).length).toBe(rows)
      await sandbox.close()
    })
  }
})
