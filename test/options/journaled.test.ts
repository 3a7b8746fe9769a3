import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  createSandbox,
  importFiles,
  type ImportOptions,
  report,
  resume,
  TrackSyncError,
} from '../../src/index.ts'
import { settingsOf } from '../../src/options.ts'
import { isOption, rows } from '../../src/options/all-options.ts'
import { goodValues } from '../support/option-values.ts'
import { rewrite } from '../support/sealed.ts'
import { readEntries, temporaryFolder } from '../support/run-folder.ts'

const cwd = temporaryFolder()
const marker = 'MARKER-5e1f'
let made = 0

/** By name, so that a row which says less, or more, is noticed here. */
const allowed =
  'kind id mapping mappingFile columnTypes types empty nullToken onTypeError format delimiter encoding updateExistingOnly '
    .concat(
      'readings rate concurrency order readAhead timeoutMs coalesce skipUnchanged bodyForm afterUnknown ',
    )
    .concat(
      'afterRejected replay maxErrors maxRetries runsDir runId verify settleMs lookupRate noLookups snapshot',
    )
    .split(' ')

describe('the journal keeps what the table allows, and nothing else', () => {
  test('which is this', () => {
    const journaled = rows.flatMap(([name, row]) => (row.journaled === undefined ? [] : [name]))
    expect(new Set(journaled)).toEqual(new Set(allowed))
  })

  test('whatever names and values there are', () => {
    const anything = fc.oneof(fc.string(), fc.constantFrom('apiKey', 'headers', 'proxy', 'key', '__proto__'))
    fc.assert(
      fc.property(
        fc.dictionary(anything, fc.anything()),
        fc.record(goodValues, { requiredKeys: [] }),
        (odd, good) => {
          const options = { ...odd, ...good, key: marker, proxy: `http://u:${marker}@p` }
          for (const name of allowed) if (!(name in good)) delete (options as Record<string, unknown>)[name]
          const kept = settingsOf(options as unknown as ImportOptions)
          expect(Object.keys(kept).filter(name => !allowed.includes(name))).toEqual([])
          expect(JSON.stringify(kept)).not.toContain(marker)
        },
      ),
    )
  })

  test('an option that is none is refused before there is a run', async () => {
    const names = fc.string({ minLength: 1 }).filter(name => !isOption(name))
    const odd = fc.oneof(
      names,
      fc.constantFrom('apiKey', 'headers', 'authorization', 'constructor', 'toString'),
    )
    const runsDir = join(cwd, 'never')
    await fc.assert(
      fc.asyncProperty(odd, async name => {
        const files = [source('external_id,plan\nu1,gold\n')]
        const more = Object.fromEntries([[name, marker]])
        const error: unknown = await importFiles({
          files,
          url: 'http://127.0.0.1:9',
          key: 'k',
          runsDir,
          ...more,
        }).catch((thrown: unknown) => thrown)
        expect(error).toBeInstanceOf(TrackSyncError)
        expect(error).toMatchObject({ code: 'settings_invalid', problem: { field: name } })
        expect(JSON.stringify(error) + String(error)).not.toContain(marker)
      }),
      { numRuns: 200 },
    )
    expect(existsSync(runsDir)).toBe(false)
  })

  test('and the key is in no file of a run, of its resume, or of its reports', async () => {
    const { options, folder } = await stopped()
    await resume(folder, { key: options.key, maxErrors: 7 })
    await report(folder, { redact: true })
    const [head] = readEntries(folder)
    expect(head).toMatchObject({ t: 'run', settings: { rate: 'off', concurrency: 1 } })
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(one => one.isFile())
    expect(files.length).toBeGreaterThan(6)
    for (const { parentPath, name } of files) {
      expect(readFileSync(join(parentPath, name), 'latin1'), name).not.toContain(marker)
    }
  })

  test('what an older version kept beside that goes no further', async () => {
    const { options, folder } = await stopped()
    rewrite(join(folder, 'journal.ndjson'), text =>
      text.replace('"settings":{', `"settings":{"apiKey":"${marker}","sandbox":true,`),
    )
    const { summary } = await resume(folder, { key: options.key })
    expect(summary.objects).toMatchObject({ total: 6, verified: 6 })
    const resumed = readEntries(folder).find(entry => entry.t === 'resumed')
    expect(Object.keys(resumed?.settings ?? {}).filter(name => !allowed.includes(name))).toEqual([])
  })
})

/** A run that somebody stopped after two of its six rows. */
async function stopped() {
  const sandbox = await createSandbox({ limit: 'off' })
  onTestFinished(() => sandbox.close())
  const stop = new AbortController()
  const rowsOf = Array.from({ length: 6 }, (_, i) => `u${i},gold\n`).join('')
  const path = join(cwd, `in-${++made}.csv`)
  writeFileSync(path, `external_id,plan\n${rowsOf}`)
  const options: ImportOptions = {
    files: [path],
    url: sandbox.url,
    key: marker,
    rate: 'off',
    concurrency: 1,
    runsDir: join(cwd, 'reports'),
    stop,
    onProgress: ({ ended }) => {
      if (ended === 2) stop.abort()
    },
  }
  const { folder, summary } = await importFiles(options)
  expect(summary).toMatchObject({ status: 'interrupted', exitCode: 130 })
  return { options, folder }
}

function source(text: string) {
  return {
    name: 'memory.csv',
    chunks: async function* () {
      yield Buffer.from(text)
    },
  }
}
