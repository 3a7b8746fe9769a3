import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createSandbox } from '../../src/index.ts'
import { trackSync } from '../support/cli.ts'
import { temporaryFolder } from '../support/run-folder.ts'

const folder = temporaryFolder()

/** Everything that is wrong before the first request: exit 2, a sentence that names it, and nothing sent or left. */
const cases: {
  says: string
  files?: Record<string, string>
  args: string[]
  env?: Record<string, string>
  told: RegExp[]
}[] = [
  { says: 'no such file', args: ['nope.csv', '--sandbox'], told: [/no file nope\.csv/] },
  { says: 'a folder', args: ['.', '--sandbox'], told: [/\. is a folder/] },
  {
    says: 'an empty file',
    files: { 'a.csv': '' },
    args: ['a.csv', '--sandbox'],
    told: [
      /a\.csv is empty/,
      /^Check the program that wrote it/m,
      /^Next: track-sync import a\.csv --sandbox$/m,
    ],
  },
  {
    says: 'nothing but blank lines',
    files: { 'a.csv': '\n\r\n\n' },
    args: ['a.csv', '--sandbox'],
    told: [/only blank lines/],
  },
  {
    says: 'a header and no rows',
    files: { 'a.csv': 'external_id,plan\n' },
    args: ['a.csv', '--sandbox'],
    told: [/header but no rows/],
  },
  {
    says: 'no column that identifies the user',
    files: { 'a.csv': 'customerID,plan\n1,a\n' },
    args: ['a.csv', '--sandbox'],
    told: [/No column of a\.csv identifies the user/, /Next: .*--id external_id=customerID/],
  },
  {
    says: 'half of an alias',
    files: { 'a.csv': 'user_alias_name,plan\n1,a\n' },
    args: ['a.csv', '--sandbox'],
    told: [/other half of the alias/],
  },
  {
    says: 'two primary identifiers',
    files: { 'a.csv': 'external_id,braze_id,plan\n1,2,a\n' },
    args: ['a.csv', '--sandbox'],
    told: [/two primary identifiers, `external_id`, `braze_id`/],
  },
  {
    says: 'a duplicate header',
    files: { 'a.csv': 'external_id,plan,plan\n1,a,b\n' },
    args: ['a.csv', '--sandbox'],
    told: [/two columns called `plan` \(2 and 3\)/],
  },
  {
    says: 'a column without a name',
    files: { 'a.csv': 'external_id,,plan\n1,a,b\n' },
    args: ['a.csv', '--sandbox'],
    told: [/Column 2 of a\.csv has no name/],
  },
  {
    says: 'an unknown kind',
    files: { 'a.csv': 'external_id,plan\n1,a\n' },
    args: ['a.csv', '--sandbox', '--kind', 'event'],
    told: [/Did you mean `events`/],
  },
  {
    says: 'a column that events do not have',
    files: { 'a.csv': 'external_id,name,time,colour\n1,a,2024-01-01,red\n' },
    args: ['a.csv', '--sandbox'],
    told: [/`colour` .*not a field of an event/, /properties\.colour/],
  },
  {
    says: 'a mistyped type in the header',
    files: { 'a.csv': 'external_id,age:interger\n1,2\n' },
    args: ['a.csv', '--sandbox'],
    told: [/Did you mean `integer`/],
  },
  {
    says: '--type for a column that is not there',
    files: { 'a.csv': 'external_id,age\n1,2\n' },
    args: ['a.csv', '--sandbox', '--type', 'agee=integer'],
    told: [/no column `agee`.*Did you mean `age`/],
  },
  {
    says: 'a mapping that names a missing column',
    files: { 'a.csv': 'external_id,plan\n1,a\n', 'm.yaml': 'columns:\n  plam: { to: plan }\n' },
    args: ['a.csv', '--sandbox', '--mapping', 'm.yaml'],
    told: [/no column `plam`, which is named in the mapping.*Did you mean `plan`/],
  },
  {
    says: 'a mapping with a mistyped key',
    files: { 'a.csv': 'external_id,plan\n1,a\n', 'm.yaml': 'kind: attributes\ncolums:\n  plan: ignore\n' },
    args: ['a.csv', '--sandbox', '--mapping', 'm.yaml'],
    told: [/m\.yaml, line 2: `colums` is unknown here.*Did you mean `columns`/],
  },
  {
    says: 'a mapping that is not there',
    files: { 'a.csv': 'external_id,plan\n1,a\n' },
    args: ['a.csv', '--sandbox', '--mapping', 'm.yaml'],
    told: [/`mapping`: m\.yaml cannot be read/],
  },
  {
    says: 'a JSON array that is cut short',
    files: { 'a.json': '[{"external_id":"1"},\n{"external_id":' },
    args: ['a.json', '--sandbox'],
    told: [/a\.json is not complete JSON/, /line 2/],
  },
  {
    says: 'no host',
    files: { 'a.csv': 'external_id,plan\n1,a\n' },
    args: ['a.csv'],
    env: { BRAZE_API_KEY: 'k-123' },
    told: [/No host is set/, /BRAZE_API_URL/],
  },
  {
    says: 'no key',
    files: { 'a.csv': 'external_id,plan\n1,a\n' },
    args: ['a.csv'],
    env: { BRAZE_API_URL: 'https://rest.example.test' },
    told: [/No API key is set/, /BRAZE_API_KEY/],
  },
  {
    says: 'a host without https',
    files: { 'a.csv': 'external_id,plan\n1,a\n' },
    args: ['a.csv'],
    env: { BRAZE_API_URL: 'http://rest.example.test', BRAZE_API_KEY: 'k-123' },
    told: [/not https/],
  },
  {
    says: 'no rate for a real host',
    files: { 'a.csv': 'external_id,plan\n1,a\n' },
    args: ['a.csv', '--rate', 'off'],
    env: { BRAZE_API_URL: 'https://rest.example.test', BRAZE_API_KEY: 'k-123' },
    told: [/`rate` can be off only for a host on this machine/],
  },
  {
    says: 'a mistyped flag',
    args: ['a.csv', '--sandbxo'],
    told: [/unknown option '--sandbxo'/, /--sandbox/],
  },
  { says: 'the key as a flag', args: ['a.csv', '--api-key', 'k-123'], told: [/unknown option '--api-key'/] },
  {
    says: 'a rate that is no rate',
    args: ['a.csv', '--sandbox', '--rate', 'fast'],
    told: [/`rate` should be a number/],
  },
  {
    says: 'a mistake in the configuration file',
    files: { 'a.csv': 'external_id,plan\n1,a\n', 'track-sync.yaml': 'max-erors: 5\n' },
    args: ['a.csv', '--sandbox'],
    told: [/track-sync\.yaml, line 1: `max-erors`.*Did you mean `max-errors`/],
  },
  {
    says: 'the sandbox and a host',
    files: { 'a.csv': 'external_id,plan\n1,a\n' },
    args: ['a.csv', '--sandbox', '--url', 'https://rest.example.test'],
    told: [/--sandbox and --url contradict each other/],
  },
  {
    says: 'the sandbox, and a host in the settings file',
    files: { 'a.csv': 'external_id,plan\n1,a\n', 'track-sync.yaml': 'url: https://rest.example.test\n' },
    args: ['a.csv', '--sandbox'],
    told: [/--sandbox and `url` in the settings file contradict each other/],
  },
  {
    says: 'a host, and the sandbox in the environment',
    files: { 'a.csv': 'external_id,plan\n1,a\n' },
    args: ['a.csv', '--url', 'https://rest.example.test'],
    env: { TRACK_SYNC_SANDBOX: '1', BRAZE_API_KEY: 'k-123' },
    told: [/TRACK_SYNC_SANDBOX and --url contradict each other/],
  },
  {
    says: 'the sandbox and a key file',
    files: { 'a.csv': 'external_id,plan\n1,a\n', key: 'k-123' },
    args: ['a.csv', '--sandbox', '--api-key-file', 'key'],
    told: [/--sandbox and --api-key-file contradict each other/],
  },
  {
    says: 'the sandbox behind a proxy',
    files: { 'a.csv': 'external_id,plan\n1,a\n' },
    args: ['a.csv', '--sandbox', '--proxy', 'http://k-123:k-123@proxy.example:3128'],
    told: [/--sandbox and --proxy contradict each other/],
  },
  {
    says: 'a run with two names',
    files: { 'a.csv': 'external_id,plan\n1,a\n' },
    args: ['a.csv', '--sandbox', '--once'],
    env: { TRACK_SYNC_RUN_ID: 'mine' },
    told: [/--once and TRACK_SYNC_RUN_ID contradict each other/],
  },
  {
    says: 'a delimiter for what has none',
    files: { 'a.ndjson': '{"external_id":"1"}\n' },
    args: ['a.ndjson', '--sandbox', '--format', 'ndjson', '--delimiter', ';'],
    told: [/--delimiter and --format contradict each other/],
  },
  {
    says: 'a proxy that is none, and its password',
    files: { 'a.csv': 'external_id,plan\n1,a\n' },
    args: ['a.csv'],
    env: { TRACK_SYNC_PROXY: 'socks://me:k-123@proxy', BRAZE_API_URL: 'https://x', BRAZE_API_KEY: 'k-123' },
    told: [/TRACK_SYNC_PROXY: `proxy` should be the address of a proxy/],
  },
  {
    says: 'a switch that is neither on nor off',
    args: ['a.csv', '--sandbox'],
    env: { TRACK_SYNC_QUIET: 'maybe' },
    told: [/TRACK_SYNC_QUIET: `quiet` should be on or off/],
  },
  {
    says: 'a value in the configuration file that cannot be, with its line',
    files: { 'a.csv': 'external_id,plan\n1,a\n', 'track-sync.yaml': '# ours\nquiet: perhaps\n' },
    args: ['a.csv', '--sandbox'],
    told: [/track-sync\.yaml, line 2: `quiet` should be on or off/],
  },
  {
    says: 'an identifier in two columns',
    files: { 'a.csv': 'a,b\n1,2\n' },
    args: ['a.csv', '--sandbox', '--id', 'external_id=a', '--id', 'external_id=b'],
    told: [/`id` should be one value for external_id/],
  },
]

describe('bad input ends with exit 2, a clear error, and nothing sent', () => {
  for (const [i, { says, files = {}, args, env = {}, told }] of cases.entries()) {
    test.concurrent(says, async () => {
      const cwd = join(folder, String(i))
      mkdirSync(cwd)
      for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text)
      const { code, stdout, stderr, lastLine } = await trackSync(['import', ...args], { cwd, env })
      expect(code, stderr).toBe(2)
      expect(stdout).toBe('')
      for (const words of told) expect(stderr).toMatch(words)
      expect(lastLine).toMatch(/^Next: /)
      expect(stderr).not.toContain('k-123')
      const runs = join(cwd, 'reports')
      expect(existsSync(runs) ? readdirSync(runs) : []).toEqual([])
    })
  }

  test('nothing reaches the host', async () => {
    const sandbox = await createSandbox()
    const cwd = join(folder, 'nothing-sent')
    mkdirSync(cwd)
    writeFileSync(join(cwd, 'a.csv'), 'external_id,plan,plan\n1,a,b\n')
    await trackSync(['import', 'a.csv'], { cwd, env: { BRAZE_API_URL: sandbox.url, BRAZE_API_KEY: 'k-123' } })
    expect(sandbox.calls()).toEqual([])
    await sandbox.close()
  })

  test('a host, a key file and a proxy that are only exported leave the sandbox alone', async () => {
    const cwd = join(folder, 'exported')
    mkdirSync(cwd)
    writeFileSync(join(cwd, 'a.csv'), 'external_id,plan\n1,a\n')
    const env = {
      BRAZE_API_URL: 'https://rest.example.test',
      TRACK_SYNC_API_KEY_FILE: 'nowhere',
      TRACK_SYNC_PROXY: 'http://127.0.0.1:1',
    }
    const { code, stdout, stderr } = await trackSync(['import', 'a.csv', '--sandbox'], { cwd, env })
    expect([code, stderr]).toEqual([0, expect.stringContaining('Next:')])
    expect(stdout).toContain('→ sandbox')
  })

  test('a switch can be turned off where it was turned on for good, and empty variables say nothing', async () => {
    const cwd = join(folder, 'switches')
    mkdirSync(cwd)
    writeFileSync(join(cwd, 'a.csv'), 'external_id,plan\n1,a\n')
    writeFileSync(join(cwd, 'ours.yaml'), 'quiet: yes\nsandbox: true\nnull-token: NULL\n')
    const run = async (env: Record<string, string>) =>
      await trackSync(['import', 'a.csv'], { cwd, env: { TRACK_SYNC_CONFIG: 'ours.yaml', ...env } })
    expect((await run({})).stderr).not.toContain('Plan')
    expect((await run({ TRACK_SYNC_QUIET: '' })).stderr).not.toContain('Plan')
    expect((await run({ TRACK_SYNC_QUIET: 'false' })).stderr).toContain('Plan')
  })

  test('a run that was sent to a sandbox goes on in one, and to no host that is named', async () => {
    const cwd = join(folder, 'sandbox-resume')
    mkdirSync(cwd)
    writeFileSync(join(cwd, 'a.csv'), 'external_id,plan\n1,a\n,b\n2,c\n')
    const first = await trackSync(['import', 'a.csv', '--sandbox', '--max-errors', '1', '--run-id', 'r'], {
      cwd,
    })
    expect(first.code, first.stderr).toBe(3)
    const named = ['resume', 'latest', '--max-errors', '9', '--url', 'https://rest.example.test']
    const refused = await trackSync(named, { cwd })
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/--url contradict/)])
    const env = { BRAZE_API_URL: 'https://rest.example.test' }
    const again = await trackSync(['resume', 'latest', '--max-errors', '9'], { cwd, env })
    expect(again.code, again.stderr).toBe(1)
  })

  test('standard input that breaks off is told, and leaves no run', async () => {
    const cwd = join(folder, 'broken-pipe')
    mkdirSync(cwd)
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    // Nobody reads of it here, so that it is the command that finds it broken.
    const stdin = connect((server.address() as AddressInfo).port, '127.0.0.1').pause()
    const [[other]] = (await Promise.all([once(server, 'connection'), once(stdin, 'connect')])) as [
      [Socket],
      [],
    ]
    const running = trackSync(['import', '-', '--sandbox'], { cwd, stdin })
    other.resetAndDestroy()
    const ended = await running
    stdin.destroy()
    server.close()
    expect(ended.code, ended.stderr).toBe(2)
    expect(ended.stderr).toMatch(/stdin failed:  .*ECONNRESET/)
    expect(ended.stderr).not.toContain('No run can be written')
    expect(readdirSync(join(cwd, 'reports'))).toEqual([])
  })

  test('a setting of another command is told where it belongs', async () => {
    const { code, stderr } = await trackSync(['resume', 'latest', '--coalesce'])
    expect([code, stderr]).toEqual([2, expect.stringMatching(/it is a setting of import, not of resume/)])
  })

  test('a command that does not exist is answered with the nearest', async () => {
    const { code, stderr } = await trackSync(['improt', 'a.csv'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/Did you mean import/)
  })
})
