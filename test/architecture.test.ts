import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

/** Lowest first. A file imports from its own room or from a lower floor: never sideways, never up. */
const floors = [
  ['model'],
  ['braze'],
  ['rate-limit'],
  ['parse', 'map', 'validate', 'deliver', 'forecast', 'journal', 'reconcile', 'report', 'sandbox'],
  ['options'],
  ['options.ts'],
  ['run'],
  ['run.ts'],
  ['index.ts'],
  ['cli'],
]

/** The files that may touch the world, and what each of them touches. Nobody else does. */
const doors: Record<string, string> = {
  'parse/open.ts': 'reads input files',
  'deliver/post.ts': 'sends requests',
  'deliver/call.ts': 'ends a request in time',
  'deliver/proxy.ts': 'reads the proxy of the environment',
  'rate-limit/system-clock.ts': 'knows the time and sleeps',
  'rate-limit/spacing.ts': 'waits, through Bottleneck',
  'journal/file.ts': 'writes the journal',
  'journal/reader.ts': 'reads the journal',
  'journal/lock.ts': 'keeps a run to one process',
  'journal/folder.ts': 'makes and finds run folders',
  'journal/make-folder.ts': 'makes a folder',
  'report/write-report.ts': 'writes the report',
  'report/output.ts': 'writes a file, whole or not at all',
  'report/redact-key.ts': 'keeps the key of redacted reports',
  'sandbox/server.ts': 'listens on this machine',
  'sandbox/state.ts': 'keeps the users of a sandbox in a file',
}

/** Parts of Node that compute and touch nothing. */
const pure = [
  'node:buffer',
  'node:crypto',
  'node:events',
  'node:path',
  'node:stream',
  'node:stream/promises',
  'node:zlib',
]
const world =
  /\b(?:process|console|performance|globalThis)\.|\bfetch\(|\bDate\.now|\bnew Date\(\)|\bset(?:Timeout|Interval|Immediate)\(|\bMath\.random/

const root = fileURLToPath(new URL('../src', import.meta.url))
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'))
const room = (file: string) => file.split('/', 1)[0] ?? file
const floor = (file: string) => floors.findIndex(rooms => rooms.includes(room(file)))

/** The code of a file, without its comments. */
function code(file: string): string {
  return readFileSync(join(root, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')
}

function imported(file: string): string[] {
  const found = code(file).matchAll(/(?:\bfrom|(?<!['"])\bimport)\s*\(?\s*['"]([^'"]+)['"]/g)
  return [...found].map(([, name = '']) => name)
}

function importedFiles(file: string): string[] {
  const own = imported(file).filter(name => name.startsWith('.'))
  return own.map(name => posix.join(dirname(file), name))
}

describe('the rooms', () => {
  test('every file stands in a room that has a floor', () => {
    expect(files.filter(file => floor(file) < 0 && file !== 'tsconfig.json')).toEqual([])
  })

  test('a file imports from its own room or from a lower floor', () => {
    const wrong = files.flatMap(file =>
      importedFiles(file)
        .filter(target => room(target) !== room(file) && floor(target) >= floor(file))
        .map(target => `${file} -> ${target}`),
    )
    expect(wrong).toEqual([])
  })

  test('the words import no package', () => {
    const wrong = files.filter(
      file =>
        room(file) === 'model' && imported(file).some(name => !name.startsWith('.') && !pure.includes(name)),
    )
    expect(wrong).toEqual([])
  })

  test('no file is part of an import circle', () => {
    const circular = files.filter(file => {
      const reached = new Set(importedFiles(file))
      for (const next of reached) for (const further of importedFiles(next)) reached.add(further)
      return reached.has(file)
    })
    expect(circular).toEqual([])
  })
})

describe('the doors', () => {
  const inside = files.filter(file => floor(file) < floor('options') && doors[file] === undefined)

  test('every door exists', () => {
    expect(Object.keys(doors).filter(door => !files.includes(door))).toEqual([])
  })

  test('only doors, the run and the commands touch the world', () => {
    const parts = (file: string) =>
      imported(file).filter(name => name.startsWith('node:') && !pure.includes(name))
    expect(inside.filter(file => world.test(code(file)) || parts(file).length > 0)).toEqual([])
  })

  test('nobody inside a room opens its door; what a door gives is handed in', () => {
    const values = (file: string) => code(file).matchAll(/import (?!type)[^;]*?from '(\.[^']+)'/g)
    const opened = inside.flatMap(file =>
      [...values(file)]
        .filter(([statement]) => !/^import \{(?:\s*type \w+,?)+\s*\}/.test(statement))
        .map(([, name = '']) => posix.join(dirname(file), name))
        .filter(target => doors[target] !== undefined)
        .map(target => `${file} -> ${target}`),
    )
    expect(opened).toEqual([])
  })

  test('whoever opens a file closes it, and whoever drives an iterator by hand returns it', () => {
    const opens = (file: string) =>
      /import \{[^}]*\bopen\b[^}]*\} from 'node:fs\/promises'/.test(code(file)) &&
      !/\.close\(\)/.test(code(file))
    const drives = (file: string) =>
      /\[Symbol\.asyncIterator\]\(\)|\w(?:terator|ines|lices)\.next\(\)/.test(code(file)) &&
      !/\.return(?:\?\.)?\(/.test(code(file))
    expect(files.filter(file => opens(file) || drives(file))).toEqual([])
  })

  test('a library installs no handlers and ends no process', () => {
    const wrong = files.filter(file => room(file) !== 'cli' && /\bprocess\./.test(code(file)))
    expect(wrong).toEqual([])
  })
})

describe('the pages', () => {
  test('no file is longer than 300 lines, and half of them have at most 120', () => {
    const lengths = files.map(file => readFileSync(join(root, file), 'utf8').split('\n').length)
    const sorted = lengths.toSorted((a, b) => a - b)
    expect(sorted.at(-1)).toBeLessThanOrEqual(300)
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(120)
  })

  test('there is no `any`', () => {
    expect(files.filter(file => /:\s*any\b|\bas any\b|<any>/.test(code(file)))).toEqual([])
  })
})
