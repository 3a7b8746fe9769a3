import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { createSandbox, exits } from '../src/index.ts'
import { bareEnv, main } from './support/cli.ts'
import { readPage } from './support/pages.ts'
import { temporaryFolder } from './support/run-folder.ts'

const recipes = readPage('docs/jobs.md')
const home = temporaryFolder()
const csv = 'external_id,plan\nu1,gold\nu2,silver\nu3,bronze\n'
let made = 0

/** The one code block of a recipe that is in this language and holds this text. */
function block(language: string, holding = ''): string {
  const blocks = [...recipes.matchAll(/```(\w+)\n([\s\S]*?)```/g)]
  const [found, ...others] = blocks.filter(
    ([, name, text = '']) => name === language && text.includes(holding),
  )
  expect(others).toEqual([])
  return found?.[2] ?? ''
}

/** A machine of its own: folders in place of those that a recipe names, the command, and a host to send to. */
async function machine() {
  const sandbox = await createSandbox()
  onTestFinished(() => sandbox.close())
  const root = join(home, String(++made))
  const bin = join(root, 'bin')
  mkdirSync(bin, { recursive: true })
  const install = (name: string, script: string) => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  install('track-sync', `exec "${process.execPath}" "${main}" "$@"`)
  // `aws s3 cp FROM TO`, from a bucket that is a folder here.
  install('aws', `file="${root}/\${3#s3://}"; if [ "$4" = - ]; then cat "$file"; else cp "$file" "$4"; fi`)
  const path = process.env['PATH'] ?? ''
  if (!path.split(delimiter).some(folder => existsSync(join(folder, 'flock')))) install('flock', flockOfOurs)
  const env = {
    ...bareEnv(),
    PATH: `${bin}${delimiter}${path}`,
    BRAZE_API_URL: sandbox.url,
    BRAZE_API_KEY: 'k',
    TZ: 'UTC',
  }
  async function run(command: string, cwd = root) {
    const child = spawn('bash', ['-c', command], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text))
    const [code] = (await once(child, 'close')) as [number]
    return { code, said }
  }
  return { root, env, run, calls: () => sandbox.calls().length, url: sandbox.url }
}

/** `flock [-n] [-E CODE] FILE COMMAND…` for machines without it. */
const flockOfOurs = `busy=1
while [ "\${1#-}" != "$1" ]; do if [ "$1" = -E ]; then busy=$2; shift; fi; shift; done
lock="$1.d"; shift; mkdir "$lock" 2>/dev/null || exit "$busy"
"$@"; code=$?; rmdir "$lock"; exit "$code"`

describe('each recipe of the jobs page works:', () => {
  test('cron, with a lock, and resume or start in one line', async () => {
    const { root, env, run, calls, url } = await machine()
    const here = (text: string) =>
      text.replaceAll(/\/(?:srv\/crm|etc\/track-sync|var\/lib\/node_exporter)/g, root)
    const [, command = ''] = /^\d+ \d+ \* \* \* +(.*)\n$/.exec(here(block('crontab'))) ?? []
    // To cron, a % is the end of the line.
    expect(command).toMatch(/^[^%]+$/)
    writeFileSync(join(root, 'customers.csv'), csv)
    writeFileSync(join(root, 'key'), 'k\n')
    writeFileSync(
      join(root, 'track-sync.yaml'),
      here(block('yaml', '# track-sync.yaml')).replace(/url: .*/, `url: ${url}`),
    )
    expect(await run(command, '/')).toEqual({ code: 0, said: '' })
    expect([calls(), readFileSync(join(root, 'import.log'), 'utf8')]).toEqual([
      3,
      expect.stringMatching(/verified\s+3/),
    ])
    expect(readFileSync(join(root, 'crm.prom'), 'utf8')).toMatch(/^track_sync_run_exit_code\{.*\} 0$/m)
    // The next night the same file is there still.
    expect([(await run(command, '/')).code, calls()]).toEqual([0, 3])

    const other = spawn('flock', [join(root, '.lock'), 'sh', '-c', 'echo held; cat'], {
      env,
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    await once(other.stdout, 'data')
    expect([(await run(command, '/')).code, calls()]).toEqual([exits.resume.code, 3])
    other.stdin.end()
    await once(other, 'close')
  })

  test('a CronJob of Kubernetes', async () => {
    const { root, run, calls } = await machine()
    const { apiVersion, kind, spec } = parse(block('yaml', 'kind: CronJob')) as {
      apiVersion: string
      kind: string
      spec: CronJobSpec
    }
    expect([apiVersion, kind, spec.concurrencyPolicy]).toEqual(['batch/v1', 'CronJob', 'Forbid'])
    const { template, podFailurePolicy, ...job } = spec.jobTemplate.spec
    const { containers, volumes, restartPolicy, terminationGracePeriodSeconds } = template.spec
    expect([job.podReplacementPolicy, restartPolicy]).toEqual(['Failed', 'Never'])
    expect(terminationGracePeriodSeconds).toBeGreaterThan(20)
    // What another try cannot mend.
    const hopeless = [exits.attention, exits.usage, exits.unknown, exits.refused].map(({ code }) => code)
    expect(podFailurePolicy.rules[0]?.onExitCodes.values).toEqual(hopeless)
    const [{ command, volumeMounts } = { command: [], volumeMounts: [] }] = containers
    expect(volumes.map(({ name }) => name)).toEqual(volumeMounts.map(({ name }) => name))
    for (const { mountPath } of volumeMounts) mkdirSync(join(root, mountPath))
    writeFileSync(join(root, 'data/customers.csv'), csv)
    const line = command.map(word => (word.startsWith('/') ? join(root, word) : word)).join(' ')
    const first = await run(line)
    expect([first.code, calls(), first.said]).toEqual([0, 3, expect.stringContaining('"event":"end"')])
    expect([(await run(line)).code, calls()]).toEqual([0, 3])
  })

  test('a task of Airflow', async () => {
    const { root, run, calls } = await machine()
    const [, command = ''] = /bash_command="(.*)"/.exec(block('python')) ?? []
    const variables = [...block('python').matchAll(/"(BRAZE_API_\w+)"/g)].map(([, name]) => name)
    expect(variables).toEqual(['BRAZE_API_URL', 'BRAZE_API_KEY'])
    mkdirSync(join(root, 'data'))
    writeFileSync(join(root, 'data/customers.csv'), csv)
    const { code, said } = await run(command.replaceAll('/data', join(root, 'data')))
    expect([code, calls()], said).toEqual([0, 3])
    expect(existsSync(join(root, 'data/runs'))).toBe(true)
  })

  test('a schedule of GitHub Actions', async () => {
    const { root, run, calls } = await machine()
    const workflow = parse(block('yaml', '# .github/workflows')) as Workflow
    expect([typeof workflow.concurrency, workflow.on.schedule.length]).toEqual(['string', 1])
    const { steps } = workflow.jobs['track-sync']
    const [restore, step, save] = steps.slice(-3)
    expect([restore?.uses, save?.uses, save?.if]).toEqual([
      'actions/cache/restore@v4',
      'actions/cache/save@v4',
      'always()',
    ])
    expect([restore?.with?.path, save?.with?.path]).toEqual(['reports', 'reports'])
    expect(save?.with?.key.startsWith(restore?.with?.['restore-keys'] ?? '-')).toBe(true)
    expect(Object.keys(step?.env ?? {})).toEqual(['BRAZE_API_URL', 'BRAZE_API_KEY'])
    writeFileSync(join(root, 'customers.csv'), csv)
    const { code, said } = await run(step?.run ?? '')
    expect([code, calls(), existsSync(join(root, 'reports'))], said).toEqual([0, 3, true])
  })

  test('a file of S3, as a stream and as a file', async () => {
    const { root, run, calls } = await machine()
    mkdirSync(join(root, 'exports'))
    writeFileSync(join(root, 'exports/customers.csv.gz'), gzipSync(csv))
    const streamed = await run(block('bash', 'import -'))
    expect([streamed.code, calls()], streamed.said).toEqual([0, 3])
    const saved = await run(block('bash', '--once'))
    expect([saved.code, calls()], saved.said).toEqual([0, 6])
    writeFileSync(join(root, 'exports/customers.csv.gz'), gzipSync(csv).subarray(0, -12))
    const cut = await run(block('bash', 'import -'))
    expect([cut.code, calls()], cut.said).toEqual([exits.usage.code, 6])
  })
})

interface CronJobSpec {
  concurrencyPolicy: string
  jobTemplate: {
    spec: {
      podReplacementPolicy: string
      podFailurePolicy: { rules: { onExitCodes: { values: number[] } }[] }
      template: {
        spec: {
          restartPolicy: string
          terminationGracePeriodSeconds: number
          containers: { command: string[]; volumeMounts: { name: string; mountPath: string }[] }[]
          volumes: { name: string }[]
        }
      }
    }
  }
}

interface Workflow {
  on: { schedule: unknown[] }
  concurrency: string
  jobs: Record<
    'track-sync',
    {
      steps: {
        uses?: string
        if?: string
        run?: string
        env?: Record<string, string>
        with?: { path: string; key: string; 'restore-keys'?: string }
      }[]
    }
  >
}
