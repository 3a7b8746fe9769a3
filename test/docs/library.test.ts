import { execFile } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSandbox, type Sandbox } from '../../src/index.ts'
import { blocksOf, readPage, root } from '../support/pages.ts'
import { temporaryFolder } from '../support/run-folder.ts'
import { namedHost } from '../support/shell.ts'

const run = promisify(execFile)
const home = temporaryFolder()
const programs = blocksOf(readPage('docs/library.md')).flatMap(({ language, text }) =>
  language === 'ts' ? [text] : [],
)
let sandbox: Sandbox

/** A project with the package installed, and all programs of the page in it. */
beforeAll(async () => {
  for (const name of ['@types/node', 'undici-types', 'typescript'])
    link(join(root, 'node_modules', name), join(home, 'node_modules', name))
  link(root, join(home, 'node_modules/track-sync'))
  writeFileSync(join(home, 'package.json'), '{ "private": true, "type": "module" }')
  writeFileSync(join(home, 'customers.csv'), 'customerID,plan\nu1,gold\nu2,silver\n')
  sandbox = await createSandbox()
  for (const [i, text] of programs.entries())
    writeFileSync(join(home, `${i}.ts`), text.replaceAll(namedHost, sandbox.url))
})

afterAll(() => sandbox.close())

test('the library page has a program of each kind', () => {
  const all = programs.join('')
  for (const name of ['importFiles', 'plan', 'resume', 'report', 'createSandbox', 'readMapping'])
    expect(all).toMatch(new RegExp(`import \\{[^}]*\\b${name}\\b[^}]*\\} from 'track-sync'`))
})

test('the programs of the library page compile in a strict project, and work', {
  timeout: 120_000,
}, async () => {
  const compiler = join(root, 'node_modules/.bin/tsc')
  const strict = [
    '--strict',
    '--target',
    'es2022',
    '--module',
    'nodenext',
    '--types',
    'node',
    '--skipLibCheck',
  ]
  const all = programs.map((_, i) => `${i}.ts`)
  const compiled = await run(compiler, [...strict, '--outDir', 'js', ...all], { cwd: home }).catch(
    (error: { stdout: string }) => error,
  )
  expect(compiled.stdout).toBe('')
  const env = { PATH: process.env['PATH'] ?? '', BRAZE_API_KEY: 'k' }
  for (const [i, text] of programs.entries()) {
    const said = await run(process.execPath, [`js/${i}.js`], { cwd: home, env })
    expect(said.stdout, text).not.toBe('')
    expect(said.stderr, text).toBe('')
  }
  // Those that send to a host import the same file; one stops after its first row and is resumed.
  const users = new Set(sandbox.profiles().map(profile => profile.external_id))
  expect(users).toEqual(new Set(['u1', 'u2']))
})

function link(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  symlinkSync(from, to)
}
