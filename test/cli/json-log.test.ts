import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createSandbox } from '../../src/index.ts'
import { bareEnv, main, trackSync } from '../support/cli.ts'
import { temporaryFolder } from '../support/run-folder.ts'

const cwd = temporaryFolder()
const rows = (count: number) => Array.from({ length: count }, (_, i) => `u${i},gold\n`).join('')
const eventsOf = (stderr: string) =>
  stderr
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as { event: string; message: string; level: string })

test('a run is told in objects from its plan to the next command; stdout has the summary alone', async () => {
  writeFileSync(join(cwd, 'bad.csv'), `external_id,plan\n,nobody\n${rows(2)}`)
  const args = ['import', 'bad.csv', '--sandbox', '--run-id', 'told', '--log-format', 'json', '--json']
  const { code, stdout, stderr } = await trackSync(args, { cwd, env: { FORCE_COLOR: '1' } })
  const events = eventsOf(stderr)
  expect([code, events.map(({ event }) => event)]).toEqual([1, ['plan', 'start', 'end', 'next']])
  expect(events.at(-1)?.message).toBe('track-sync report reports/told --log-format json --json --open')
  expect(events[2]).toMatchObject({ status: 'finished', exitCode: 1, objects: { total: 3, invalid: 1 } })
  expect(JSON.parse(stdout)).toMatchObject({ run: 'told', exitCode: 1 })
})

test('so are errors, of arguments, too', async () => {
  const ended = await trackSync(['import', 'bad.csv', '--sandbxo', '--log-format', 'json'], { cwd })
  expect([ended.code, eventsOf(ended.stderr).map(({ event }) => event)]).toEqual([2, ['error', 'next']])
})

test('so is a run that is interrupted; its metrics say so as well', async () => {
  writeFileSync(join(cwd, 'many.csv'), `external_id,plan\n${rows(400)}`)
  const sandbox = await createSandbox({
    onCall: () => {
      if (sandbox.calls().length === 5) child.kill('SIGINT')
    },
  })
  const env = { ...bareEnv(), BRAZE_API_URL: sandbox.url, BRAZE_API_KEY: 'k' }
  const args = [main, 'import', 'many.csv', '--log-format', 'json', '--metrics', 'run.prom']
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  expect(await once(child, 'close')).toEqual([130, null])
  await sandbox.close()
  expect(eventsOf(stderr).map(({ event }) => event)).toEqual(['plan', 'start', 'stopping', 'end', 'next'])
  const metrics = readFileSync(join(cwd, 'run.prom'), 'utf8')
  expect(metrics).toMatch(/^track_sync_run_exit_code\{.*\} 130$/m)
  expect(metrics).toMatch(/^track_sync_rows_total\{.*outcome="not_sent"\} 39\d$/m)
})

test('colours are for those who ask: FORCE_COLOR gives them to a pipe, --no-color takes them away', async () => {
  const plan = (...args: string[]) =>
    trackSync(['plan', 'bad.csv', ...args], { cwd, env: { FORCE_COLOR: '1' } })
  const [coloured, plain] = await Promise.all([plan(), plan('--no-color')])
  expect([coloured.stdout.includes('\u001b['), plain.stdout.includes('\u001b[')]).toEqual([true, false])
})
