import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { type Argument, type Code, type Import, readCode } from './support/code-shape.ts'
import { leaksIn, type Pure } from './support/leaks.ts'
import { given, innocent, planted } from './support/planted-leaks.ts'

/** Lowest first. A file imports from its own room or from a lower floor: never sideways, never up. */
const floors = [
  ['model'],
  ['braze'],
  ['rate-limit'],
  ['parse', 'map', 'validate', 'deliver', 'lookup', 'forecast', 'journal', 'reconcile', 'report', 'sandbox'],
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
  'parse/zip.ts': 'reads ZIP archives',
  'deliver/post.ts': 'sends requests',
  'deliver/call.ts': 'ends a request in time',
  'deliver/host.ts': 'reads the proxy of the environment',
  'deliver/through-proxy.ts': 'connects through a proxy',
  'lookup/export-index.ts': 'keeps the index of an export on disk',
  'lookup/export-bytes.ts': 'reads the users of an export where they lie, or copies them',
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

/** The commands and the steps of a run: they open the doors, and may touch the world themselves. */
const worldly = ['options.ts', 'run', 'run.ts', 'cli']

/** Packages that compute and touch nothing, or what may be taken of them; no other is used inside a room. */
const packages: Pure = {
  'node:buffer': ['isUtf8'],
  'node:crypto': ['createHash', 'createHmac', 'hash'],
  'node:events': ['getMaxListeners', 'setMaxListeners'],
  // `resolve` and `relative` ask in which folder the process is.
  'node:path': ['basename', 'dirname', 'extname', 'join'],
  'node:stream': 'wholly',
  'node:stream/promises': 'wholly',
  'node:zlib': 'wholly',
  '@observablehq/plot': 'wholly',
  '@xmldom/xmldom': 'wholly',
  'csv-parse/sync': 'wholly',
  'csv-stringify/sync': 'wholly',
  diff: 'wholly',
  'fastest-levenshtein': 'wholly',
  luxon: ['DateTime'],
  'stream-chain': 'wholly',
  'stream-json/utils/verifier.js': 'wholly',
  'string-width': 'wholly',
  'wrap-ansi': 'wholly',
  yaml: 'wholly',
  zod: 'wholly',
}

/** Names of the language that compute and touch nothing, or what may be taken of them; all others are the world. */
const globals: Pure = {
  ...wholly('Array BigInt Boolean Buffer Map Number Object Promise Reflect RegExp Set String Symbol'),
  ...wholly('WeakMap WeakSet AbortController AggregateError Error RangeError SyntaxError TypeError'),
  ...wholly('ArrayBuffer DataView Float64Array Uint8Array Uint16Array Uint32Array TextDecoder TextEncoder'),
  ...wholly('JSON URL URLSearchParams decodeURIComponent encodeURIComponent structuredClone'),
  ...wholly('Infinity NaN undefined'),
  AbortSignal: ['abort', 'any'],
  // And `new Date(…)` of one value.
  Date: ['UTC', 'parse'],
  Intl: ['DateTimeFormat', 'DisplayNames', 'Locale', 'NumberFormat', 'PluralRules', 'supportedValuesOf'],
  Math: namesIn('PI abs ceil cos exp floor hypot imul log log10 log2 max min pow round sign sin sqrt trunc'),
}

/** What a library may know of its process: it installs no handlers and does not end it. */
const knownOfProcess = ['env', 'kill', 'pid']

/** What has a `next()` and is no iterator to be returned: the keys of a map. */
const nothingToReturn = ['keys']

const root = fileURLToPath(new URL('../src', import.meta.url))
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'))
const sources = new Map(files.map(file => [file, readFileSync(join(root, file), 'utf8')]))
const codes = new Map([...sources].map(([file, source]) => [file, readCode(source, file)]))
const room = (file: string) => file.split('/', 1)[0] ?? file
const floor = (file: string) => floors.findIndex(rooms => rooms.includes(room(file)))

describe('the rooms', () => {
  test('every file stands in a room that has a floor', () => {
    expect(files.filter(file => floor(file) < 0)).toEqual([])
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
    const isForeign = (from: string) =>
      !from.startsWith('.') && !(from.startsWith('node:') && Object.hasOwn(packages, from))
    const words = files.filter(file => room(file) === 'model')
    expect(words.filter(file => code(file).imports.some(({ from }) => isForeign(from)))).toEqual([])
  })

  test('no file is part of an import circle', () => {
    const circular = files.filter(file => {
      const reached = new Set(importedFiles(file))
      for (const next of reached) for (const further of importedFiles(next)) reached.add(further)
      return reached.has(file)
    })
    expect(circular).toEqual([])
  })

  test('one base name, one meaning: no two files are called the same', () => {
    const names = files.map(file => basename(file))
    expect(files.filter((file, index) => names.indexOf(basename(file)) !== index)).toEqual([])
  })
})

describe('the doors', () => {
  const inside = files.filter(file => !worldly.includes(room(file)) && doors[file] === undefined)

  test('every door exists', () => {
    expect(Object.keys(doors).filter(door => !files.includes(door))).toEqual([])
  })

  test('only doors, the run and the commands touch the world', () => {
    const leaks = inside.flatMap(file => leaksOf(code(file)).map(leak => `${file}, ${leak}`))
    expect(leaks).toEqual([])
  })

  test('nobody inside a room opens its door; what a door gives is handed in', () => {
    const closed = inside.filter(file => floor(file) < floor('options'))
    const opened = closed.flatMap(file =>
      importedFiles(file, ({ isType }) => !isType)
        .filter(target => doors[target] !== undefined)
        .map(target => `${file} -> ${target}`),
    )
    expect(opened).toEqual([])
  })

  test('whoever opens a file closes it, and whoever drives an iterator by hand returns it', () => {
    const opens = ({ imports, members }: Code) =>
      imports.some(({ from, names }) => /^(?:node:)?fs\/promises$/.test(from) && names.includes('open')) &&
      !members.some(({ name }) => name === 'close')
    const drives = ({ members }: Code) =>
      members.some(
        ({ name, of, how, args }) =>
          how === 'call' &&
          args.length === 0 &&
          (name === 'Symbol.asyncIterator' || (name === 'next' && !nothingToReturn.includes(of))),
      ) && !members.some(({ name }) => name === 'return')
    expect(files.filter(file => opens(code(file)) || drives(code(file)))).toEqual([])
  })

  test('a library installs no handlers and ends no process', () => {
    const wrong = files.filter(file => {
      const { imports, uses } = code(file)
      const own = imports.filter(({ from }) => /^(?:node:)?process$/.test(from))
      const takes = own.flatMap(({ names }) => names)
      return (
        uses.some(({ path: [name = ''] }) => ['process', 'global', 'globalThis'].includes(name)) ||
        takes.some(name => !knownOfProcess.includes(name)) ||
        // Signal 0 asks whether a process is there, and does nothing to it.
        uses.some(({ path, args: [, signal] }) => path[0] === 'node:process#kill' && !isZero(signal))
      )
    })
    expect(wrong.filter(file => room(file) !== 'cli')).toEqual([])
  })
})

describe('the pages', () => {
  test('no file is longer than 300 lines, and half of them have at most 120', () => {
    const lengths = [...sources.values()].map(source => source.split('\n').length)
    const sorted = lengths.toSorted((a, b) => a - b)
    expect(sorted.at(-1)).toBeLessThanOrEqual(300)
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(120)
  })

  test('no function is longer than 70 lines, not counting blank lines and comments', () => {
    const long = files.flatMap(file =>
      code(file)
        .functions.filter(({ lines }) => lines > 70)
        .map(({ name, lines }) => `${file}, ${name}: ${lines} lines`),
    )
    expect(long).toEqual([])
  })

  test('there is no `any`', () => {
    const found = files.flatMap(file => code(file).anys.map(at => `${file}, line ${code(file).lineAt(at)}`))
    expect(found).toEqual([])
  })
})

/** The very rules that judge the files, held to what they must see and to what they must leave alone. */
describe('the rules', () => {
  test.each(Object.entries(planted))('this touches the world: %s', (source, found) => {
    expect(leaksOf(readCode(given + source)).map(leak => leak.replace(/^line \d+: /, ''))).toEqual([found])
  })

  test.each(innocent)('this touches nothing: %s', source => {
    expect(leaksOf(readCode(given + source))).toEqual([])
  })

  test('an import of types opens no door, whatever stands before it', () => {
    const { imports } = readCode(
      "import { post } from './post.ts'\nimport type { Proxy } from './proxy.ts'\nimport { type Lock, lock } from './lock.ts'",
    )
    expect(imports.map(({ from, isType }) => [from, isType])).toEqual([
      ['./post.ts', false],
      ['./proxy.ts', true],
      ['./lock.ts', false],
    ])
  })

  test('the length of a function is that of its code, with the functions in it; a class is none', () => {
    const { functions } = readCode(`
      class Reader {
        read() {
          // Why.

          const each = () => {
            /* Where. */ go()
          }
          each()
        }
      }
    `)
    expect(functions.map(({ name, lines }) => [name, lines])).toEqual([
      ['read', 6],
      ['each', 3],
    ])
  })
})

function code(file: string): Code {
  return codes.get(file) ?? readCode('')
}

function importedFiles(file: string, isMeant: (each: Import) => boolean = () => true): string[] {
  const own = code(file).imports.filter(each => each.from.startsWith('.') && isMeant(each))
  return own.map(({ from }) => posix.join(dirname(file), from))
}

function leaksOf(read: Code): string[] {
  return leaksIn(read, { globals, packages })
}

function isZero(signal: Argument | undefined): boolean {
  return signal?.is === 'literal' && signal.value === 0
}

function wholly(names: string): Pure {
  return Object.fromEntries(namesIn(names).map(name => [name, 'wholly']))
}

function namesIn(text: string): string[] {
  return text.split(' ')
}
