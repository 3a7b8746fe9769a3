import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { plan, type Stream } from '../src/index.ts'
import { planned, resumed, run } from './journal/told.ts'
import { bareEnv, main } from './support/cli.ts'
import { temporaryFolder } from './support/run-folder.ts'
import { sealedText } from './support/sealed.ts'

/** Nothing that a command or a call has opened stays open, however it ends, and Node has nothing to warn of. */
const counter = fileURLToPath(new URL('support/count-open.mjs', import.meta.url))
const cwd = temporaryFolder()
const fixture = fileURLToPath(new URL('../fixtures/all-refused/input.csv', import.meta.url))
/** Longer than what is read of a file before its rows are asked for. */
const many = Array.from({ length: 20_000 }, (_, i) => `u${i},p${i % 7},${i}`).join('\n')

beforeAll(() => {
  writeFileSync(join(cwd, 'good.csv'), 'external_id,plan\nu1,gold\nu2,basic\n')
  writeFileSync(join(cwd, 'more.csv'), 'external_id,plan\nu1,gold\nu3,basic\n')
  writeFileSync(join(cwd, 'refused.csv'), readFileSync(fixture))
  writeFileSync(join(cwd, 'many.csv'), `external_id,plan,n\n${many}\n`)
  writeFileSync(join(cwd, 'many.csv.gz'), gzipSync(`external_id,plan,n\n${many}\n`))
  writeFileSync(join(cwd, 'cut.csv.gz'), gzipSync(`external_id,plan,n\n${many}\n`).subarray(0, 40_000))
  writeFileSync(join(cwd, 'nobody.csv'), `name,plan,n\n${many}\n`)
  writeFileSync(join(cwd, 'nobody.csv.gz'), gzipSync(`name,plan,n\n${many}\n`))
  writeFileSync(join(cwd, 'two.csv'), `external_id,braze_id,plan\n${many}\n`)
  writeFileSync(join(cwd, 'header.csv'), `external_id,"pl"an,n\n${many}\n`)
  writeFileSync(join(cwd, 'broken.json'), `[${'{"external_id":"u","n":1},'.repeat(9000)}{]`)
  const lines = Array.from({ length: 300 }, (_, i) => `{"external_id":"u${i}","plan":"p"}`)
  const sound = '{"external_id":"z","name":"n","time":"2024-01-01"}'
  writeFileSync(join(cwd, 'long.ndjson'), `${lines.join('\n')}\n${sound}\n`)
})

describe('after the command', () => {
  const commands: [string[], number][] = [
    [['plan', 'many.csv', 'many.csv.gz'], 0],
    [['plan', 'refused.csv'], 1],
    [['plan', 'nobody.csv'], 2],
    [['plan', 'nobody.csv.gz'], 2],
    [['plan', 'good.csv', 'two.csv'], 2],
    [['plan', 'header.csv'], 2],
    [['plan', 'cut.csv.gz'], 2],
    [['plan', 'broken.json'], 2],
    [['plan', 'many.csv', '--type', 'nothing=integer'], 2],
    [['import', 'good.csv', '--sandbox', '--run-id', 'good'], 0],
    [['import', 'refused.csv', '--sandbox', '--run-id', 'refused'], 1],
    [['import', 'nobody.csv', '--sandbox'], 2],
    [['import', 'good.csv', '--sandbox', '--run-id', 'good'], 2],
    [['import', 'good.csv', '--sandbox', '--once'], 0],
    [['import', 'good.csv', '--sandbox', '--once'], 0],
    [['import', 'more.csv', '--sandbox', '--skip-unchanged', 'good', '--run-id', 'more'], 0],
    [['import', 'long.ndjson', '--sandbox', '--rate', 'off', '--run-id', 'stopped', '--kind', 'events'], 3],
    [['resume', 'stopped', '--max-errors', '100000'], 1],
    [['resume', 'good'], 6],
    [['report', 'good'], 0],
    [['report', 'refused', '--redact'], 1],
    [['report', 'more', '--compare', 'good'], 0],
    [['sandbox', '--state', 'missing/state.json'], 2],
  ]
  for (const [args, exit] of commands) {
    test(`${args.join(' ')} (exit ${exit})`, async () => {
      const ended = await command(args)
      expect({ code: ended.code, open: ended.open, warnings: warningsIn(ended.stderr) }).toEqual({
        code: exit,
        open: [],
        warnings: [],
      })
    })
  }

  test('sandbox, stopped by a signal', async () => {
    const ended = await command(['sandbox', '--port', '0', '--state', 'state.json'], child => {
      child.stdout.once('data', () => child.kill('SIGTERM'))
    })
    expect([ended.code, ended.open, warningsIn(ended.stderr)]).toEqual([0, [], []])
  })

  test.runIf(existsSync('/dev/fd'))(
    'that never comes to read its pipe, into which nobody writes',
    async () => {
      await once(spawn('mkfifo', [join(cwd, 'pipe')]), 'exit')
      const ended = await command(['plan', 'pipe', 'good.csv', 'good.csv'])
      expect([ended.code, ended.open]).toEqual([2, []])
    },
  )
})

test.each([
  ['--quiet', () => ''],
  ['--log-format=json', (line: string) => JSON.parse(line) as unknown],
])('with %s, no word of Node is on stderr', async (flag, read) => {
  const { stderr } = await command(['import', 'refused.csv', '--sandbox', flag])
  expect(warningsIn(stderr)).toEqual([])
  for (const line of stderr.trimEnd().split('\n')) expect(() => read(line)).not.toThrow()
})

test('after fifty reports of a process, some of which fail, it has no more open than before', async () => {
  await command(['import', 'refused.csv', '--sandbox', '--run-id', 'fifty'])
  mkdirSync(join(cwd, 'reports/failing/rows.csv'), { recursive: true })
  writeFileSync(
    join(cwd, 'reports/failing/journal.ndjson'),
    readFileSync(join(cwd, 'reports/fifty/journal.ndjson')),
  )
  const { stdout, stderr, code, open } = await runNode([
    '--input-type=module',
    '--eval',
    `import { report } from ${JSON.stringify(pathToFileURL(join(main, '../../index.js')).href)}
     import { open } from ${JSON.stringify(pathToFileURL(counter).href)}
     const before = open().length
     for (let i = 0; i < 50; i++) {
       await report('reports/fifty')
       await report('reports/failing').then(() => { throw new Error('It should fail.') }, () => {})
       globalThis.gc()
     }
     for (let i = 0; i < 1000 && open().length > before; i++) await new Promise(setImmediate)
     console.log(open().length - before)`,
  ])
  expect({ code, stdout, stderr, open }).toEqual({ code: 0, stdout: '0\n', stderr: '', open: [] })
})

/** Two objects a process: one from each half of the input, so that all parts of the journal are read at the same time. */
const resumes = 1100
const legs = Array.from({ length: resumes }, (_, i) => [
  resumed,
  ...sentAndEnded(i),
  ...sentAndEnded(i + resumes),
]).flat()
const story = [run, { ...planned, objects: resumes * 2 }, ...legs]
test.each([
  ['with checksums', sealedText([{ ...run, journal: 2 }, ...story.slice(1)])],
  ['of version 1', story.map(line => `${JSON.stringify(line)}\n`).join('')],
])('the journal of 1,100 resumes is read where 256 files may be open (%s)', async (form, text) => {
  const folder = join(cwd, 'reports', form.replaceAll(' ', '-'))
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'journal.ndjson'), text)
  const limited = `ulimit -n 256; exec "$0" "$@"`
  const args = ['-c', limited, process.execPath, main, 'report', folder, '--json']
  const { stdout, stderr, code } = await ending(spawn('sh', args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] }))
  expect({ code, warnings: warningsIn(stderr) }).toEqual({ code: 130, warnings: [] })
  const { objects } = JSON.parse(stdout) as { objects: object }
  expect(objects).toMatchObject({ total: resumes * 2, verified: resumes * 2 })
})

test('a stream of bytes is let go of wherever its reader stops', async () => {
  for (const text of [`name,plan\n${many}`, `external_id,"pl"an\n${many}`, `external_id,plan\n${many}`]) {
    let isOpen = false
    async function* chunks() {
      isOpen = true
      try {
        for (let at = 0; at < text.length; at += 10_000) yield Buffer.from(text.slice(at, at + 10_000))
      } finally {
        isOpen = false
      }
    }
    const stream: Stream = { name: 'rows.csv', stream: chunks() }
    await plan({ files: [stream], columnTypes: { nothing: 'integer' } }).catch(() => {})
    expect(isOpen).toBe(false)
  }
})

function sentAndEnded(seq: number): object[] {
  const place = { file: 'in.csv', row: seq + 1, line: seq + 2, part: 0, kind: 'attributes' }
  const [user, body] = [`{"external_id":"u${seq}"}`, { external_id: `u${seq}`, plan: 'gold' }]
  return [
    { t: 'sent', at: run.at, seq, attempt: 1, object: { ...place, user, raw: `u${seq},gold`, body } },
    {
      t: 'answered',
      at: run.at,
      seq,
      status: 201,
      ms: 5,
      outcome: 'verified',
      reasons: ['exact'],
      user: body,
    },
  ]
}

function warningsIn(stderr: string): string[] {
  return stderr.split('\n').filter(line => /\(node:\d+\)|Warning|DEP\d{4}/.test(line))
}

type Child = ReturnType<typeof spawnNode>

async function command(args: string[], started?: (child: Child) => void) {
  return await runNode([main, ...args], started)
}

let made = 0

async function runNode(args: string[], started?: (child: Child) => void) {
  const counted = join(cwd, `open-${++made}.json`)
  const child = spawnNode(['--expose-gc', '--import', counter, ...args], counted)
  started?.(child)
  const result = await ending(child)
  return { ...result, open: JSON.parse(readFileSync(counted, 'utf8')) as string[] }
}

function spawnNode(args: string[], counted: string) {
  const env = { ...bareEnv(), COUNT_OPEN: counted }
  return spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
}

async function ending(child: Child) {
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout, stderr }
}
