import { type ExecFileException, execFile } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { readSummary, temporaryFolder } from './support/run-folder.ts'
import manifest from '../package.json' with { type: 'json' }

const root = fileURLToPath(new URL('..', import.meta.url))
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
    expect(rest.toSorted()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'package.json',
      'src/journal/journal.schema.json',
      'src/report/summary.schema.json',
    ])
  })

  test('packs every file that package.json names and the README shows', () => {
    const { bin, exports } = manifest
    const named = [...Object.values(bin), ...Object.values(exports).flatMap(paths)]
    const readme = readFileSync(join(root, 'README.md'), 'utf8')
    const linked = [...readme.matchAll(/\]\(((?!https?:|#)[^)]+)\)/g)].map(([, path = '']) => path)
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
    const readme = readFileSync(join(root, 'README.md'), 'utf8')
    const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(readme) ?? []
    expect(example).toContain(`from 'track-sync'`)
    writeFileSync(join(home, 'readme.ts'), example)
    writeFileSync(join(home, 'program.ts'), program)
  })

  const settings = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', 'false']
  const forNode = ['--target', 'es2022', '--lib', 'es2023', '--types', 'node', '--resolveJsonModule']

  test.each([
    ['node16', ['--module', 'node16']],
    ['nodenext', ['--module', 'nodenext']],
    ['a bundler', ['--module', 'esnext', '--moduleResolution', 'bundler']],
  ])('hold for programs that resolve modules as %s does, all libraries checked', async (_, resolution) => {
    const args = [...settings, ...forNode, ...resolution, 'readme.ts', 'program.ts']
    await run(join(root, 'node_modules/.bin/tsc'), args, home)
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
function run(program: string, args: string[], cwd: string, bin = cwd): Promise<string> {
  const own = /^(npm_(?!config_(registry|cache|userconfig|globalconfig)$)|INIT_CWD$|NODE_OPTIONS$|VITEST)/
  const kept = Object.entries(process.env).filter(([name]) => !own.test(name))
  const env = {
    ...Object.fromEntries(kept),
    PATH: `${join(bin, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
    npm_config_prefer_offline: 'true',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
  }
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd, env }, (error: ExecFileException | null, stdout, stderr) => {
      if (error === null) return resolve(stdout)
      reject(new Error(`${basename(program)} ${args.join(' ')}\n${stdout}${stderr}`, { cause: error }))
    })
  })
}
