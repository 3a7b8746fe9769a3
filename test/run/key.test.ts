import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { importFiles, report, undo } from '../../src/index.ts'
import { trackSync } from '../support/cli.ts'
import { serve } from '../support/hostile.ts'
import { keyForms, shows } from '../support/key-forms.ts'
import { temporaryFolder } from '../support/run-folder.ts'

const key = '3f2504e0-4f89-11d3-9a0c-0305e82c3301'
const forms = Object.values(keyForms).map(form => form(key))
const cwd = temporaryFolder()
const file = join(cwd, 'a.csv')
writeFileSync(file, 'external_id,plan\nu1,gold\nu2,red\nu3,red\n')

/** An answer that tells the key in each form in every place there is. */
function json(user: string): string {
  const attributes = Object.fromEntries(
    forms.flatMap((form, i) => [
      [form, i],
      [`a${i}`, form],
    ]),
  )
  const users = [
    { external_id: user, user_aliases: forms, custom_attributes: { plan: 'gold', ...attributes } },
  ]
  const errors = forms.map(type => ({ type, input_array: 'attributes', [type]: 1 }))
  return JSON.stringify({ message: `Invalid API key: ${forms.join(', ')}`, errors, users, [key]: key })
}

const html = `<html><body data-key="${key}">${forms.map(form => `<p>The key ${form} is unknown</p>`).join('')}</body></html>`

/** A server that answers the first request so, and the others well. */
async function echo(status: number, type: string) {
  let asked = 0
  return await serve((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const [user = ''] = /u\d/.exec(Buffer.concat(chunks).toString()) ?? []
      const isLast = ++asked > 1 && status !== 201
      response.writeHead(isLast ? 201 : status, {
        'content-type': type,
        'x-ratelimit-reset': key,
        'retry-after': status === 429 ? '0' : key,
        [`x-${key}`]: key,
      })
      response.end(isLast || type === 'application/json' ? json(user) : html)
    })
  })
}

/** Every file under a folder that tells the key. */
function tellers(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(name => join(folder, name))
  return names.filter(name => statSync(name).isFile() && shows(readFileSync(name, 'utf8'), key))
}

describe.each([201, 202, 400, 401, 403, 404, 409, 429, 500, 503])(
  'a host that answers %i with the key',
  status => {
    test.each(['application/json', 'text/html'])(
      'in every form and place of %s leaves it nowhere',
      async type => {
        const url = await echo(status, type)
        const told: string[] = []
        const { folder, summary, facts } = await importFiles({
          files: [file],
          url: url.href,
          key,
          rate: 'off',
          replay: 'none',
          concurrency: 1,
          runsDir: cwd,
          runId: `${status}-${type.slice(-4)}`,
          onProgress: progress => told.push(JSON.stringify(progress)),
        })
        await report(folder, { redact: true })
        expect(readdirSync(folder)).toContain('report.html')
        expect(tellers(folder)).toEqual([])
        expect(shows(`${JSON.stringify([summary, facts])}${told.join('')}`, key)).toBe(false)
        // What is taken out was there; of what stops a run, no word is kept.
        const whole = readFileSync(join(folder, 'journal.ndjson'), 'utf8')
        if (type === 'application/json' && ![401, 403, 404].includes(status)) expect(whole).toContain('[key]')
      },
    )
  },
)

test('profiles that hold the key leave it in none of the files of a snapshot and an undo', async () => {
  let looks = 0
  const values = (plan: string, at: number) =>
    Object.fromEntries([['plan', plan], ...forms.map((form, i) => [`a${i}`, `${form} ${at}`])])
  const url = await serve((request, response) => {
    const isLook = request.url === '/users/export/ids'
    const held = isLook && looks++ === 0 ? values('red', 1) : values('gold', isLook ? 3 : 2)
    const users = [{ external_id: 'u1', braze_id: 'b1', custom_attributes: held }]
    request.resume().on('end', () => {
      response.writeHead(201, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ message: 'success', users }))
    })
  })
  const rows = join(cwd, 'values.ndjson')
  const names = Object.keys(values('', 0)).filter(name => name !== 'plan')
  const asked = Object.fromEntries(names.map(name => [name, 'x']))
  writeFileSync(rows, JSON.stringify({ external_id: 'u1', plan: 'gold', ...asked }))
  const options = { key, rate: 'off', lookupRate: 'off', runsDir: cwd } as const
  const sent = { files: [rows], url: url.href, snapshot: true, maxErrors: 1000 }
  const run = await importFiles({ ...options, ...sent, runId: 'snapshot' })
  const undone = await undo(run.folder, { ...options, runId: 'undo' })
  await report(run.folder, { redact: true })
  const text = (name: string) => readFileSync(join(run.folder, name), 'utf8')
  expect(text('undo.ndjson')).toBe('{"attributes":[{"external_id":"u1","plan":"red"}]}\n')
  // What is taken out was there.
  for (const name of ['before.ndjson', 'undo-left.csv']) expect(text(name)).toContain('[key]')
  expect([tellers(run.folder), tellers(undone?.folder ?? '')]).toEqual([[], []])
})

describe('what the command prints', () => {
  test.each([
    [201, 'text'],
    [401, 'json'],
    [400, 'json'],
  ])('of an answer with %i holds no key (%s)', async (status, format) => {
    const url = await echo(status, 'application/json')
    const runId = `cli-${status}-${format}`
    const args = ['import', 'a.csv', '--url', url.href, '--log-format', format, '--metrics', `${runId}.prom`]
    const { stdout, stderr, code } = await trackSync([...args, '--run-id', runId], {
      cwd,
      env: { BRAZE_API_KEY: key },
    })
    expect(code).not.toBe(2)
    expect(shows(`${stdout}${stderr}`, key)).toBe(false)
    expect(tellers(join(cwd, 'reports', runId))).toEqual([])
    expect(shows(readFileSync(join(cwd, `${runId}.prom`), 'utf8'), key)).toBe(false)
  })
})
