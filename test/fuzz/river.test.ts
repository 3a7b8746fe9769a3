import { brotliCompressSync, gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Mapper } from '../../src/map/map.ts'
import { inferredTypes } from '../../src/model/plan.ts'
import { TrackSyncError } from '../../src/model/problem.ts'
import type { TrackObject } from '../../src/model/track-object.ts'
import type { PlanOptions } from '../../src/options.ts'
import { fingerprinted } from '../../src/parse/fingerprinted-source.ts'
import { readAll, survey } from '../../src/run/survey.ts'
import { chunked, collect } from '../support/parse-read.ts'

/** Bytes through the upper river, both times: bytes → rows → track objects → checked track objects. */
async function flow(name: string, bytes: Uint8Array, size: number, options: Omit<PlanOptions, 'files'>) {
  const source = fingerprinted({ name, chunks: () => chunked(bytes, size) })
  const settings = { files: [], ...options }
  try {
    const plan = await survey([source], settings, Date.UTC(2026, 0, 1))
    const objects = await collect(
      readAll([source], settings, new Mapper(settings, inferredTypes(plan.columns))),
    )
    return { plan, objects }
  } catch (error) {
    // A file that cannot be read says why; anything else is a crash.
    if (error instanceof TrackSyncError) return error
    throw error
  }
}

/** What holds of whatever came out, whatever went in. */
function expectAccounted(result: Awaited<ReturnType<typeof flow>>): void {
  if (result instanceof TrackSyncError) {
    expect(result.message).toMatch(/\S/)
    expect(result.problem.file === undefined || result.problem.file === 'in').toBe(true)
    return
  }
  const { plan, objects } = result
  expect(objects.map(({ seq }) => seq)).toEqual(objects.map((_, i) => i))
  const rows = [...new Set(objects.map(({ row }) => row))]
  expect(rows).toEqual(rows.map((_, i) => i + 1))
  expect(plan.files[0]?.rows).toBe(rows.length)
  const lines = objects.map(({ line }) => line)
  expect(lines.every((line, i) => line >= Math.max(1, lines[i - 1] ?? 0))).toBe(true)
  const kinds = Object.values(plan.kinds).reduce((sum, count) => sum + count, 0)
  expect([plan.objects, plan.invalid + kinds]).toEqual([objects.length, objects.length])
  for (const object of objects) expectSendable(object)
}

/** An object without problems says whom it is about, and survives being written as JSON. */
function expectSendable({ kind, body, user, problems }: TrackObject): void {
  expect(JSON.parse(JSON.stringify(body))).toEqual(body)
  if (problems.length > 0) return
  expect(kind).not.toBeNull()
  expect(user === '' && body['push_token_import'] !== true).toBe(false)
}

const options: fc.Arbitrary<Omit<PlanOptions, 'files'>> = fc.record(
  {
    format: fc.constantFrom('csv' as const, 'ndjson' as const, 'json' as const),
    delimiter: fc.constantFrom(',', ';', '\t'),
    encoding: fc.constantFrom(
      'utf-8' as const,
      'latin1' as const,
      'windows-1252' as const,
      'utf-16le' as const,
    ),
    kind: fc.constantFrom('attributes' as const, 'events' as const, 'purchases' as const),
    types: fc.constantFrom('infer' as const, 'text' as const),
    empty: fc.constantFrom('skip' as const, 'null' as const),
    nullToken: fc.constantFrom('NULL', 'a'),
    onTypeError: fc.constantFrom('row' as const, 'field' as const, 'stop' as const),
    updateExistingOnly: fc.boolean(),
  },
  { requiredKeys: [] },
)

const size = fc.integer({ min: 1, max: 50 })

/** `TRACK_SYNC_FUZZ=50` looks fifty times as long. */
const times = Number(process.env['TRACK_SYNC_FUZZ'] ?? 1)

/** What a file of any of the formats is made of. */
const dictionary = [
  ['external_id', 'name', 'time', 'properties.a', 'payload', 'users', 'attributes', 'custom_attributes'],
  [
    '"',
    '""',
    ',',
    ';',
    '\t',
    '\n',
    '\r',
    '\r\n',
    '{',
    '}',
    '[',
    ']',
    ':',
    '\\',
    '\\ud83d',
    '\u0000',
    '\ufeff',
  ],
  ['a:integer', 'b:json', '1', '0.5', '1e5', 'true', 'null', '2024-01-01', 'ñ', '😀', '__proto__', ' '],
].flat()

describe('any bytes', () => {
  const words = fc.constantFrom(...dictionary)
  const soup = fc.array(words, { maxLength: 40 }).map(parts => Buffer.from(parts.join('')))
  const bytes = fc.oneof(
    { weight: 3, arbitrary: soup },
    fc.uint8Array({ maxLength: 100 }).map(some => Buffer.from(some)),
    soup.map(text => Buffer.from(text.toString(), 'utf16le')),
    soup.map(text => gzipSync(text)),
    soup.map(text => brotliCompressSync(text)),
  )

  test('end in rows that are all accounted for, or in one clear error', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, size, options, async (some, pieces, settings) => {
        expectAccounted(await flow('in', some, pieces, settings))
      }),
      { numRuns: 1500 * times },
    )
  })
})

describe('any structure', () => {
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<unknown>,
    fc.constantFrom<unknown>('2024-01-01', 'u1', 1, true, '', null, { add: ['a'] }, [{ a: 1 }]),
  )
  const name = fc.oneof(
    fc.constantFrom(
      'external_id',
      'user_alias',
      'email',
      'name',
      'time',
      'properties',
      'price',
      'product_id',
      'currency',
    ),
    fc.constantFrom(
      'plan',
      'payload',
      'users',
      'events',
      'custom_attributes',
      'user_aliases',
      'constructor',
      '__proto__',
    ),
    fc.string({ maxLength: 5 }),
  )
  const object = fc
    .array(fc.tuple(name, value), { maxLength: 6 })
    .map(entries => Object.fromEntries(entries) as object)

  test('of lines of JSON is one row a line, on its line, whatever stands on it', async () => {
    const line = fc.oneof(
      { weight: 4, arbitrary: object.map(one => JSON.stringify(one)) },
      fc.constantFrom(
        '',
        '  ',
        '{',
        'null',
        '[1]',
        '{"a":1,"a":2}',
        '{"a":9007199254740993}',
        '\u0000',
        '"x"',
      ),
    )
    const ends = fc.constantFrom('\n', '\r\n', '\r')
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 1, maxLength: 8 }),
        ends,
        size,
        options,
        async (lines, end, pieces, settings) => {
          const { encoding: _, ...others } = settings
          const result = await flow('in', Buffer.from(lines.join(end)), pieces, {
            ...others,
            format: 'ndjson',
          })
          expectAccounted(result)
          const filled = lines.flatMap((text, i) => (text.trim() === '' ? [] : [i + 1]))
          if (result instanceof TrackSyncError) {
            expect(result.code).toMatch(filled.length === 0 ? /^file_empty$/ : /^cell_type$/)
          } else {
            expect([...new Set(result.objects.map(({ line: at }) => at))]).toEqual(filled)
          }
        },
      ),
      { numRuns: 400 * times },
    )
  })

  test('of JSON documents or an array is one row an element, in order', async () => {
    const layout = fc.record({ inArray: fc.boolean(), indent: fc.constantFrom(0, 2) })
    await fc.assert(
      fc.asyncProperty(
        fc.array(object, { minLength: 1, maxLength: 5 }),
        layout,
        size,
        async (objects, { inArray, indent }, pieces) => {
          const texts = objects.map(one => JSON.stringify(one, null, indent))
          const text = inArray ? `[${texts.join(',')}]` : texts.join('\n')
          const result = await flow('in', Buffer.from(text), pieces, { format: 'json' })
          expectAccounted(result)
          if (result instanceof TrackSyncError) throw result
          expect(result.plan.files[0]?.rows).toBe(objects.length)
        },
      ),
      { numRuns: 200 * times },
    )
  })

  test('of a table is one row a record, on its line; a record that is broken is that row alone', async () => {
    const cell = fc.oneof(
      fc.constantFrom(
        'u1',
        '',
        ' ',
        '1',
        '00',
        'true',
        '2024-01-01',
        '[1]',
        '{"a":1}',
        'x"y',
        '"a ""b"""',
        '"two\nlines"',
        '😀',
      ),
      fc.string({ maxLength: 4 }).map(text => `"${text.replaceAll('"', '""')}"`),
    )
    const record = fc.record({ cells: fc.array(cell, { minLength: 3, maxLength: 3 }), damage: fc.nat(9) })
    const header = fc.constantFrom(
      'external_id,a,b',
      'email,a:integer,b:json',
      'external_id,name,time',
      'external_id,payload,updated_at',
      'a,b,external_id',
    )
    await fc.assert(
      fc.asyncProperty(
        header,
        fc.array(record, { minLength: 1, maxLength: 6 }),
        size,
        options,
        async (top, records, pieces, settings) => {
          const written = records.map(({ cells, damage }) => {
            const text = cells.join(',')
            if (damage === 0) return { text: `${text},extra`, broken: true }
            if (damage === 1) return { text: `${text},"x"y`, broken: true }
            return { text, broken: false }
          })
          const { encoding: _, delimiter: __, ...others } = settings
          const text = [top, ...written.map(one => one.text)].join('\n')
          const result = await flow('in', Buffer.from(text), pieces, {
            ...others,
            format: 'csv',
            delimiter: ',',
          })
          expectAccounted(result)
          if (result instanceof TrackSyncError) return
          const heights = written.map(one => one.text.split(/\r\n|\r|\n/).length)
          const starts = written.map(
            (__unused, i) => 2 + heights.slice(0, i).reduce((sum, height) => sum + height, 0),
          )
          expect(result.objects.map(({ line }) => line)).toEqual(starts)
          for (const [i, { broken }] of written.entries()) {
            const codes = result.objects[i]?.problems.map(({ code }) => code) ?? []
            expect(codes.some(code => code === 'csv_cells' || code === 'csv_quote')).toBe(broken)
          }
        },
      ),
      { numRuns: 400 * times },
    )
  })
})
