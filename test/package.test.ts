import { type ExecFileException, execFile } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { createSandbox } from '../src/index.ts'
import { blocksOf, linksOf, pageNames, readPage, root } from './support/pages.ts'
import { readSummary, temporaryFolder } from './support/run-folder.ts'
import { namedHost } from './support/shell.ts'
import manifest from '../package.json' with { type: 'json' }

const here = temporaryFolder()
/** A folder as a user has it, with the packed package installed and nothing else. */
const home = join(here, 'home')
const installed = join(home, 'node_modules', manifest.name)
let sources: string[] = []
let packed: string[] = []

beforeAll(async () => {
  const clone = join(here, 'clone')
  sources = lines(await run('git', ['ls-files', '--cached', '--others', '--exclude-standard'], root))
  for (const file of sources) cpSync(join(root, file), join(clone, file))
  await run('npm', ['pack', '--pack-destination', here], clone)
  const tarball = `${manifest.name}-${manifest.version}.tgz`
  packed = lines(await run('tar', ['tzf', tarball], here)).map(path => path.replace('package/', ''))
  mkdirSync(home)
  writeFileSync(join(home, 'package.json'), '{ "private": true, "type": "module" }')
  await run('npm', ['install', join(here, tarball)], home)
})

describe('npm pack, in a clean clone where nothing is installed or built', () => {
  test('builds first: every source is in the package as it runs and as its types, and nothing older', () => {
    const built = sources
      .filter(path => path.startsWith('src/') && path.endsWith('.ts'))
      .flatMap(path => ['.js', '.d.ts'].map(end => path.replace(/^src/, 'dist').replace(/\.ts$/, end)))
    expect(packed.filter(path => path.startsWith('dist/')).toSorted()).toEqual(built.toSorted())
  })

  test('packs what a user needs, and no tests, tools or sources', () => {
    const rest = packed.filter(path => !/^(dist|fixtures\/customers|reports)\//.test(path))
    expect(new Set(rest)).toEqual(
      new Set([
        'CHANGELOG.md',
        'LICENSE',
        'package.json',
        'src/journal/journal.schema.json',
        'src/report/summary.schema.json',
        ...pageNames,
      ]),
    )
  })

  test('packs every file that package.json names and the README and the pages of docs link to', () => {
    const { bin, exports } = manifest
    const named = [...Object.values(bin), ...Object.values(exports).flatMap(paths)]
    const linked = pageNames.flatMap(linksOf).map(({ to }) => to)
    const started = manifest.scripts.start.match(/fixtures\/\S+/g) ?? []
    for (const path of [...named, ...linked, ...started].map(one => one.replace(/^\.\//, ''))) {
      expect(
        packed.some(one => one === path || one.startsWith(`${path}/`)),
        path,
      ).toBe(true)
    }
    expect([named.length, linked.length, started.length].every(count => count > 1)).toBe(true)
  })
})

describe('the installed package', () => {
  test('has the command', async () => {
    expect(await run('npx', ['--no-install', 'track-sync', '--version'], home)).toBe(`${manifest.version}\n`)
  })

  test('imports the sample of the README', async () => {
    const [, args = ''] = /main\.js (.*)/.exec(manifest.scripts.start) ?? []
    const runId = ['--run-id', 'sample', '--runs-dir', join(home, 'reports'), '--rate', 'off']
    await run('npx', ['--no-install', 'track-sync', ...args.split(' '), ...runId], installed, home)
    expect(readSummary(join(home, 'reports/sample')).objects).toMatchObject({ total: 120, verified: 120 })
  })

  test.each([
    ['an ES module', 'program.mjs', `import { exits, version } from 'track-sync'`],
    [
      'an ES module that imports at its turn',
      'turn.mjs',
      `const { exits, version } = await import('track-sync')`,
    ],
    ['a CommonJS module', 'program.cjs', `const { exits, version } = require('track-sync')`],
  ])('is a library for %s', async (_, name, line) => {
    writeFileSync(join(home, name), `${line}\nconsole.log(version, exits.usage.code)\n`)
    expect(await run(process.execPath, [name], home)).toBe(`${manifest.version} 2\n`)
  })

  test('hands out its schemas and its manifest', async () => {
    const program = ['summary.schema.json', 'journal.schema.json', 'package.json']
      .map((name, i) => `import file${i} from 'track-sync/${name}' with { type: 'json' }`)
      .concat('console.log(JSON.stringify([file0, file1, file2]))')
    writeFileSync(join(home, 'files.mjs'), program.join('\n'))
    const said = JSON.parse(await run(process.execPath, ['files.mjs'], home)) as unknown[]
    const files = ['src/report/summary.schema.json', 'src/journal/journal.schema.json', 'package.json']
    expect(said).toEqual(files.map(file => JSON.parse(readFileSync(join(root, file), 'utf8')) as unknown))
  })
})

describe('the types of the package', () => {
  beforeAll(() => {
    // What a program in TypeScript for Node has anyway.
    for (const name of ['@types/node', 'undici-types']) {
      const link = join(home, 'node_modules', name)
      mkdirSync(dirname(link), { recursive: true })
      symlinkSync(join(root, 'node_modules', name), link)
    }
    for (const [i, text] of programs.entries()) writeFileSync(join(home, `page-${i}.ts`), text)
    writeFileSync(join(home, 'program.ts'), program)
  })

  const compiler = join(root, 'node_modules/.bin/tsc')
  /** The programs of the library page, each a file. */
  const programs = blocksOf(readPage('docs/library.md')).flatMap(({ language, text }) =>
    language === 'ts' ? [text] : [],
  )
  const pages = programs.map((_, i) => `page-${i}.ts`)
  const settings = ['--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', 'false']
  const forNode = ['--target', 'es2022', '--lib', 'es2023', '--types', 'node', '--resolveJsonModule']

  test.each([
    ['node16', ['--module', 'node16']],
    ['nodenext', ['--module', 'nodenext']],
    ['a bundler', ['--module', 'esnext', '--moduleResolution', 'bundler']],
  ])('hold for programs that resolve modules as %s does, all libraries checked', async (_, resolution) => {
    await run(compiler, ['--noEmit', ...settings, ...forNode, ...resolution, ...pages, 'program.ts'], home)
  })

  test('hold in the library page, whose programs work', async () => {
    for (const name of ['importFiles', 'plan', 'resume', 'report', 'createSandbox', 'readMapping'])
      expect(programs.join('')).toMatch(new RegExp(`import \\{[^}]*\\b${name}\\b[^}]*\\} from 'track-sync'`))
    await run(compiler, ['--outDir', 'js', ...settings, ...forNode, '--module', 'nodenext', ...pages], home)
    const sandbox = await createSandbox()
    writeFileSync(join(home, 'customers.csv'), 'customerID,plan\nu1,gold\nu2,silver\n')
    for (const page of pages) {
      const file = join(home, 'js', page.replace(/ts$/, 'js'))
      writeFileSync(file, readFileSync(file, 'utf8').replaceAll(namedHost, sandbox.url))
      expect(await run(process.execPath, [file], home, home, { BRAZE_API_KEY: 'k' }), page).not.toBe('')
    }
    // Those that send to a host import the same file; one stops after its first row and is resumed.
    expect(new Set(sandbox.profiles().map(profile => profile.external_id))).toEqual(new Set(['u1', 'u2']))
    await sandbox.close()
  })

  /** Each kind of use; an expected error that does not come is one, so nothing has quietly become `any`. */
  const program = `
import { createSandbox, importFiles, outcomes, plan, report, resume, TrackSyncError } from 'track-sync'
import type { Change, Clock, ImportOptions, JsonObject, Outcome, Plan, Receipt, Source, Verdict } from 'track-sync'

const rows: Source = {
  name: 'rows.ndjson',
  async *chunks() {
    yield Buffer.from('{"external_id":"u1"}')
  },
}
const clock: Clock = { now: () => 0, sleep: async () => {} }
const { url } = await createSandbox({ limit: 'off', faults: [{ kind: 'cut_after', share: 0.1 }] })
const options: ImportOptions = { files: [rows, 'a.csv'], url, key: 'k', rate: 'off', maxErrors: { percent: 1 } }
export const planned: Plan = await plan(options)
export const receipt: Receipt = await importFiles({ ...options, plan: planned }, clock)
export const resumed: number = (await resume(receipt.folder, { key: 'k' })).summary.objects.verified
export const compared = (await report(receipt.folder, { compare: 'other' })).comparison?.changes
export const verdict: Verdict = 'match'
export const named: Outcome[] = Object.keys(outcomes) as Outcome[]
export const change = (one: Change): JsonObject => ({ change: one })
export const isOurs = (error: unknown): boolean => error instanceof TrackSyncError && error.code === 'file_packed'

// @ts-expect-error: a key is needed
await importFiles({ files: [rows], url })
// @ts-expect-error: there is no such setting
await importFiles({ ...options, colour: 'red' })
// @ts-expect-error: there is no such outcome
export const wrong: Outcome = 'done'
// @ts-expect-error: a source has a name
await plan({ files: [{ chunks: rows.chunks }] })
// @ts-expect-error: there is no such figure
export const none: number = receipt.summary.objects.none
`
})

function paths(target: string | Record<string, string>): string[] {
  return typeof target === 'string' ? [target] : Object.values(target)
}

function lines(text: string): string[] {
  return text.split('\n').filter(line => line !== '' && !line.endsWith('/'))
}

/** Runs a program as if nothing of these tests, or of the npm that runs them, were around it. */
function run(
  program: string,
  args: string[],
  cwd: string,
  bin = cwd,
  more: Record<string, string> = {},
): Promise<string> {
  const own = /^(npm_(?!config_(registry|cache|userconfig|globalconfig)$)|INIT_CWD$|NODE_OPTIONS$|VITEST)/
  const kept = Object.entries(process.env).filter(([name]) => !own.test(name))
  const env = {
    ...Object.fromEntries(kept),
    PATH: `${join(bin, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
    npm_config_prefer_offline: 'true',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    ...more,
  }
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd, env }, (error: ExecFileException | null, stdout, stderr) => {
      if (error === null) return resolve(stdout)
      reject(new Error(`${basename(program)} ${args.join(' ')}\n${stdout}${stderr}`, { cause: error }))
    })
  })
}
