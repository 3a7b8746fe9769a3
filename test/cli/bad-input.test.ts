import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
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
    told: [/a\.csv is empty/, /^Look at what wrote it/m, /^Next: track-sync import a\.csv --sandbox$/m],
  },
  {
    says: 'nothing but blank lines',
    files: { 'a.csv': '\n\r\n\n' },
    args: ['a.csv', '--sandbox'],
    told: [/nothing but blank lines/],
  },
  {
    says: 'a header and no rows',
    files: { 'a.csv': 'external_id,plan\n' },
    args: ['a.csv', '--sandbox'],
    told: [/header and no rows/],
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
    told: [/m\.yaml, line 2: `colums` is not known here.*Did you mean `columns`/],
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
    told: [/a\.json is not whole JSON/, /line 2/],
  },
  {
    says: 'no host',
    files: { 'a.csv': 'external_id,plan\n1,a\n' },
    args: ['a.csv'],
    env: { BRAZE_API_KEY: 'k-123' },
    told: [/No host was given/, /BRAZE_API_URL/],
  },
  {
    says: 'no key',
    files: { 'a.csv': 'external_id,plan\n1,a\n' },
    args: ['a.csv'],
    env: { BRAZE_API_URL: 'https://rest.example.test' },
    told: [/No API key was given/, /BRAZE_API_KEY/],
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
    told: [/`rate` may be off for a host on this machine only/],
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

  test('a command that does not exist is answered with the nearest', async () => {
    const { code, stderr } = await trackSync(['improt', 'a.csv'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/Did you mean import/)
  })
})
