import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { describe, expect, expectTypeOf, test } from 'vitest'
import type { z } from 'zod'
import manifest from '../package.json' with { type: 'json' }
import { report, type Summary } from '../src/index.ts'
import type { WrittenEntry } from '../src/journal/entry.ts'
import { messyRun } from './support/messy-run.ts'
import { readEntries, readSummary, temporaryFolder } from './support/run-folder.ts'
import { lineSchema, schemaText, summarySchema } from './support/schemas.ts'

const path = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url))
const files = {
  'src/report/summary.schema.json': schemaText(summarySchema),
  'src/journal/journal.schema.json': schemaText(lineSchema),
}
/** `npm run schema` writes them anew; without it, one that is out of date fails. */
if (process.env['UPDATE_SCHEMA'] === '1')
  for (const [name, text] of Object.entries(files)) writeFileSync(path(name), text)

const [checkSummary, checkLine] = Object.keys(files).map(compiled)

describe('the schema files', () => {
  test('have the keys and values of the types, none more and none less; `npm run types` looks', () => {
    type SummaryTwin = z.infer<typeof summarySchema>
    expectTypeOf<SummaryTwin>().toExtend<Summary>()
    expectTypeOf<Summary>().toExtend<SummaryTwin>()
    expectTypeOf<Whole<SummaryTwin>>().toExtend<Whole<Summary>>()
    expectTypeOf<Whole<Summary>>().toExtend<Whole<SummaryTwin>>()
    type LineTwin = z.infer<typeof lineSchema>
    expectTypeOf<LineTwin>().toExtend<WrittenEntry>()
    expectTypeOf<WrittenEntry>().toExtend<LineTwin>()
    expectTypeOf<Whole<LineTwin>>().toExtend<Whole<WrittenEntry>>()
    expectTypeOf<Whole<WrittenEntry>>().toExtend<Whole<LineTwin>>()
  })

  for (const [name, text] of Object.entries(files)) {
    test(`${name} is what the types say`, () => {
      expect(readFileSync(path(name), 'utf8'), 'npm run schema').toBe(text)
    })

    test(`${name} is shipped, and can be imported by its name`, () => {
      expect(manifest.files).toContain(name)
      expect(Object.values(manifest.exports)).toContain(`./${name}`)
    })
  }

  test('refuse what is not in them', () => {
    const summary = readSummary(path('reports/sample'))
    const [line] = readEntries(path('reports/sample'))
    expect([checkSummary?.(summary), checkLine?.(line)]).toEqual([true, true])
    expect(checkSummary?.({ ...summary, extra: 1 })).toBe(false)
    expect(checkSummary?.({ ...summary, objects: { ...summary.objects, held: -1 } })).toBe(false)
    expect(checkLine?.({ ...line, extra: 1 })).toBe(false)
    expect(checkLine?.({ t: 'other', at: 1 })).toBe(false)
  })
})

describe('the schemas are true of', () => {
  test('the sample', () => expectValid(path('reports/sample')))

  test('a run of everything, stopped and resumed, and its redacted report', async () => {
    const { folder, stopAfter, goOn, close } = await messyRun(temporaryFolder())
    const first = await stopAfter(40)
    expect(first.summary.status).toBe('interrupted')
    expectValid(folder)
    const { summary } = await goOn()
    expect(summary.status).toBe('finished')
    expectValid(folder)
    await close()
    const kinds = new Set(readEntries(folder).map(({ t }) => t))
    expect(kinds).toEqual(
      new Set(['run', 'planned', 'resumed', 'sent', 'answered', 'lost', 'refused', 'lookup', 'end']),
    )
    const { reportFolder } = await report(folder, { redact: true })
    expectTrue(checkSummary, readSummary(reportFolder), 'summary.json')
  })
})

/** A type in which nothing may be left out: so a key that only one of two has is missed by the other. */
type Whole<T> = T extends (infer Item)[]
  ? Whole<Item>[]
  : T extends object
    ? { [Key in keyof T]-?: Whole<T[Key]> }
    : T

function expectValid(folder: string): void {
  expectTrue(checkSummary, readSummary(folder), 'summary.json')
  for (const [i, entry] of readEntries(folder).entries()) expectTrue(checkLine, entry, `line ${i + 1}`)
}

function expectTrue(check: ValidateFunction | undefined, value: unknown, what: string): void {
  expect({ what, valid: check?.(value), errors: check?.errors ?? null }).toEqual({
    what,
    valid: true,
    errors: null,
  })
}

/** Read by another hand than the one that made it. */
function compiled(name: string): ValidateFunction {
  const ajv = new Ajv2020({
    strict: true,
    strictTypes: false,
    discriminator: true,
    formats: { 'date-time': true, base64: true },
  })
  return ajv.compile(JSON.parse(readFileSync(path(name), 'utf8')) as object)
}
