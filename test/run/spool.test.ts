import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  createSandbox,
  importFiles,
  type ImportOptions,
  plan,
  report,
  resume,
  type Sandbox,
} from '../../src/index.ts'
import { openSources } from '../../src/parse/open.ts'
import { keepStreams } from '../../src/run/spool.ts'
import { readCsv, temporaryFolder } from '../support/run-folder.ts'
import { chunked } from '../support/parse-read.ts'

const cwd = temporaryFolder()
let made = 0

describe('a stream', () => {
  test('is kept in the folder of the run, for its owner alone, and read as any file', async () => {
    const { options } = await scene()
    const stream = { name: 'stdin', stream: chunked(gzipSync(csv(30)), 10) }
    const { folder, summary } = await importFiles({ ...options, files: [stream] })
    expect(summary.objects).toMatchObject({ total: 30, verified: 30 })
    expect(summary.inputs).toMatchObject([{ path: 'stdin', rows: 30 }])
    const copy = join(folder, 'input-1')
    expect(readFileSync(copy).equals(gzipSync(csv(30)))).toBe(true)
    expect(statSync(copy).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder).some(name => name.endsWith('.part'))).toBe(false)
  })

  test('among files keeps its place, and a resume reads the copy', async () => {
    const { options, sandbox } = await scene()
    const [first, last] = [file(csv(10, 'a')), file(csv(10, 'c'))]
    const stream = { name: 'stdin', stream: chunked(csv(10, 'b'), 7) }
    const files = [first, stream, last]
    const stopped = await importFiles({ ...options, files, ...stopAfter(12) })
    expect(stopped.summary).toMatchObject({ status: 'interrupted' })
    const { folder, summary } = await resume(stopped.folder, { key: options.key })
    expect(summary.objects).toMatchObject({ total: 30, verified: 30 })
    expect(sandbox.calls()).toHaveLength(30)
    const names = readCsv(join(folder, 'rows.csv')).map(row => row['file'])
    expect(names).toEqual([first, 'stdin', last].flatMap(name => Array<string>(10).fill(name)))
  })

  test('that is planned alone is read once and kept nowhere', async () => {
    const planned = await plan({ files: [{ name: 'stdin', stream: chunked(csv(5), 9) }] })
    expect(planned.files).toMatchObject([{ path: 'stdin', rows: 5, bytes: csv(5).length }])
  })

  test('that says nothing is waited for neither by a stop nor by a disk that takes nothing', async () => {
    async function* silent() {
      yield Buffer.from('external_id,v\n')
      await new Promise(() => {})
    }
    const folder = join(cwd, `run-${++made}`)
    mkdirSync(folder)
    const sources = await openSources([{ name: 'stdin', stream: silent() }])
    const stop = new AbortController()
    const stopped = keepStreams(sources, folder, stop.signal)
    stop.abort()
    await expect(stopped).rejects.toMatchObject({ code: 'input_unfinished' })
    writeFileSync(join(folder, 'input-1.part'), '')
    const blocked = keepStreams(
      await openSources([{ name: 'stdin', stream: silent() }]),
      folder,
      new AbortController().signal,
    )
    await expect(blocked).rejects.toMatchObject({ code: 'run_not_writable' })
  })

  test('that fails, or is stopped before its end, leaves no run behind', async () => {
    const { options } = await scene()
    async function* failing() {
      yield Buffer.from('external_id,v\n')
      throw new Error('the pipe broke')
    }
    const broken = importFiles({ ...options, files: [{ name: 'stdin', stream: failing() }] })
    await expect(broken).rejects.toMatchObject({
      code: 'input_failed',
      message: 'stdin failed: the pipe broke.',
      cause: new Error('the pipe broke'),
    })

    const stop = new AbortController()
    async function* endless() {
      for (;;) {
        yield Buffer.from('external_id,v\n')
        if (!stop.signal.aborted) stop.abort({ exit: 'interrupted', message: 'Interrupted.' })
        await new Promise(resolve => setImmediate(resolve))
      }
    }
    const stopped = importFiles({ ...options, stop, files: [{ name: 'stdin', stream: endless() }] })
    await expect(stopped).rejects.toMatchObject({
      code: 'input_unfinished',
      message: 'Interrupted. Nothing was sent: stdin had not been read to its end.',
    })
    expect(existsSync(options.runsDir) ? readdirSync(options.runsDir) : []).toEqual([])
  })
})

describe('input that is not what was planned', () => {
  // Three blocks of a megabyte, in lists that are within the limits of an attribute.
  const long = Array<string>(60).fill('a good deal of g').join('|')

  test('stops the run before anything of it is sent, and the totals still add up', async () => {
    const { options, sandbox } = await scene()
    const path = file(csv(3000).replaceAll('gold', long).replace('plan', 'plan:string[]'))
    const changing = {
      ...options,
      concurrency: 4,
      files: [path],
      maxErrors: 100_000,
      onStart: () => {
        const text = readFileSync(path, 'utf8')
        writeFileSync(path, text.replace(`u2900,${long}`, `u2900,${long.replaceAll('g', 'l')}`))
      },
    }
    const { folder, summary, facts } = await importFiles(changing)
    expect(summary).toMatchObject({ status: 'stopped', exitCode: 3 })
    expect(facts.stop?.message).toMatch(/changed beyond byte \d+ after it was planned/)
    const { total, verified, notSent } = summary.objects
    expect([total, verified + notSent]).toEqual([3000, 3000])
    expect(sandbox.calls().some(({ body }) => body.includes('lold'))).toBe(false)
    expect((await report(folder)).summary).toEqual(summary)

    writeFileSync(path, csv(3000).replaceAll('gold', long).replace('plan', 'plan:string[]'))
    const resumed = await resume(folder, { key: options.key })
    expect(resumed.summary.objects).toMatchObject({ total: 3000, verified: 3000, notSent: 0 })
  })

  test('a plan made before is refused where a file has changed since', async () => {
    const { options, sandbox } = await scene()
    const path = file(csv(5))
    const planned = await plan({ ...options, files: [path] })
    appendFileSync(path, 'u9,lead\n')
    await expect(importFiles({ ...options, files: [path], plan: planned })).rejects.toMatchObject({
      code: 'file_changed',
    })
    expect(sandbox.calls()).toEqual([])
  })

  test('rows that are added after the plan are none of the run', async () => {
    const { options } = await scene()
    const path = file(csv(5))
    const onStart = () => appendFileSync(path, 'late,lead\n')
    const { summary } = await importFiles({ ...options, files: [path], onStart })
    expect(summary.objects).toMatchObject({ total: 5, verified: 5 })
  })
})

test('files of every writing go out in one run, in the given order', async () => {
  const { options, sandbox } = await scene()
  const files = [
    file(csv(2, 'a')),
    file(gzipSync(csv(2, 'b')), '.csv.gz'),
    file(Buffer.from(`\ufeff${csv(2, 'c').replaceAll(',', ';')}`, 'utf16le')),
    file('{"external_id":"d0","plan":"gold"}\r{"external_id":"d1","plan":"gold"}', '.ndjson'),
    file('[{"external_id":"e0","plan":"gold"},\n{"external_id":"e1","plan":"gold"}]', '.json'),
    file(
      '{\n"attributes": [{"external_id":"f0","plan":"gold"}]\n}\n{\n"attributes": [\n{"external_id":"f1","plan":"gold"}]\n}\n',
      '.ndjson',
    ),
  ]
  const { summary, facts } = await importFiles({ ...options, concurrency: 1, files })
  expect(summary.objects).toMatchObject({ total: 12, verified: 12 })
  const sent = sandbox.calls().map(({ body }) => /"external_id":"(\w+)"/.exec(body)?.[1])
  expect(sent).toEqual(['a0', 'a1', 'b0', 'b1', 'c0', 'c1', 'd0', 'd1', 'e0', 'e1', 'f0', 'f1'])
  expect(
    facts.planned?.files.map(({ format, encoding, delimiter, packing }) => [
      format,
      encoding,
      delimiter,
      packing,
    ]),
  ).toEqual([
    ['csv', 'utf-8', ',', null],
    ['csv', 'utf-8', ',', 'gzip'],
    ['csv', 'utf-16le', ';', null],
    ['ndjson', 'utf-8', null, null],
    ['json', 'utf-8', null, null],
    ['json', 'utf-8', null, null],
  ])
})

test('a record that is refused is kept in the encoding of its file, and the reject file can be fed back in', async () => {
  const { options } = await scene()
  const path = file(Buffer.from('\ufeffexternal_id,edad:integer\nñ1,30\nñ2,treinta\n', 'utf16le'))
  const { folder } = await importFiles({ ...options, files: [path] })
  const rejects = readFileSync(join(folder, 'rejects.csv'))
  expect(rejects.toString('utf16le')).toBe('\ufeffexternal_id,edad:integer\nñ2,treinta\n')
  const again = await plan({ files: [join(folder, 'rejects.csv')] })
  expect(again).toMatchObject({ objects: 1, invalid: 1, files: [{ encoding: 'utf-16le' }] })
})

async function scene(): Promise<{ options: ImportOptions & { runsDir: string }; sandbox: Sandbox }> {
  const sandbox = await createSandbox({ limit: 'off' })
  onTestFinished(() => sandbox.close())
  const runsDir = join(cwd, `runs-${++made}`)
  return { sandbox, options: { files: [], url: sandbox.url, key: 'k', rate: 'off', runsDir } }
}

function file(content: string | Buffer, extension = '.csv'): string {
  const path = join(cwd, `in-${++made}${extension}`)
  writeFileSync(path, content)
  return path
}

function csv(rows: number, user = 'u'): string {
  return `external_id,plan\n${Array.from({ length: rows }, (_, i) => `${user}${i},gold\n`).join('')}`
}

function stopAfter(ended: number): Pick<ImportOptions, 'stop' | 'onProgress' | 'concurrency'> {
  const stop = new AbortController()
  const onProgress: ImportOptions['onProgress'] = progress => {
    if (progress.requests >= ended && !stop.signal.aborted)
      stop.abort({ exit: 'interrupted', message: 'Interrupted.' })
  }
  return { stop, onProgress, concurrency: 2 }
}
