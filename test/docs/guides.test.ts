import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createSandbox, importFiles, type Stop } from '../../src/index.ts'
import { blocksOf, commandsOf, filesOf, pageNames, readPage, root } from '../support/pages.ts'
import { temporaryFolder } from '../support/run-folder.ts'
import { namedHost, Shell } from '../support/shell.ts'

/** What lies in the folder in which the commands of a page are typed, beside the files that the page shows. */
const customers = 'external_id,zip,plan\nu1,00123,gold\nu2,28001,silver\n'
const mapping = 'columns: { plan: { to: tier } }\n'
const events = `${JSON.stringify({ external_id: 'u1', name: 'visited', time: '2024-02-29T10:00:00Z' })}\n`

const files: Record<string, Record<string, string | Buffer>> = {
  'README.md': {
    'customers.csv': customers.replace('external_id', 'customerID'),
    'customers.yaml': `id: { external_id: customerID }\n${mapping}`,
  },
  'docs/inputs.md': {
    'customers.csv.gz': gzipSync(customers),
    'events/2026-01.ndjson.gz': gzipSync(events),
    'events/2026-02.ndjson.gz': gzipSync(events),
  },
}

/** The exit codes of the commands that do not end with 0. */
const codes: Record<string, number> = {
  'track-sync plan boxes.csv': 1,
  'track-sync import boxes.csv --sandbox': 1,
  'track-sync report latest --open': 1,
  'track-sync audit customers.csv --against export.ndjson': 1,
}

/** Commands that other tests hold, or that would change this machine. */
const elsewhere = /^(?:npm ci && npm (?:start|run check)|npm install --global \.)$/
/** Pages whose commands need more around them have a test of their own. */
const own = ['docs/troubleshooting.md', 'docs/data-teams.md']

const runs = temporaryFolder()

describe('the commands of', () => {
  test('the README show what they print', () => {
    const shown = guide(readPage('README.md')).flatMap(({ prints = '' }) =>
      prints === '' ? [] : [prints.split('\n')[0]],
    )
    expect(shown).toEqual(['Plan', 'Finished; 2 of 4 rows need attention.'])
  })

  const guides = pageNames.filter(name => !own.includes(name) && commandsOf(readPage(name)).length > 0)

  test.for(guides.map((name, i) => ({ name, i })))('$name work', async ({ name, i }) => {
    const sandbox = await createSandbox({ limit: 'off' })
    onTestFinished(() => sandbox.close())
    const page = readPage(name)
    const shell = new Shell(join(runs, String(i)), sandbox.url, {
      'customers.csv': customers,
      ...files[name],
      ...filesOf(page.replaceAll(namedHost, sandbox.url)),
    })
    for (const { commands, prints } of guide(page)) {
      let stdout = ''
      for (const command of commands) {
        if (command.includes('resume latest')) await interrupt(shell, sandbox.url)
        const said = await shell.run(command)
        expect(said.code, `${command}\n${said.stderr}`).toBe(codes[command] ?? 0)
        stdout = said.stdout
      }
      if (prints !== undefined) expect(steady(stdout)).toBe(steady(prints))
    }
  })

  test('the mapping guide send what the guide says', async () => {
    const page = readPage('docs/inputs.md')
    const sandbox = await createSandbox({ limit: 'off' })
    onTestFinished(() => sandbox.close())
    const shell = new Shell(join(runs, 'mapping'), sandbox.url, filesOf(page))
    const said = await shell.run('track-sync import accounts.csv --mapping accounts.yaml')
    expect(said.code, said.stderr).toBe(0)
    const [shown] = blocksOf(page).filter(({ language }) => language === 'json')
    expect(JSON.parse(sandbox.calls()[0]?.body ?? '')).toEqual(JSON.parse(shown?.text ?? ''))
  })

  test('the mapping guide, with a mistake, print what the guide shows', async () => {
    const page = readPage('docs/inputs.md')
    const shown = blocksOf(page).find(({ text }) => text.startsWith('track-sync: customers.yaml'))
    const mistaken = 'kind: attributes\nid: { external_id: a }\ncolums:\n  a: ignore\n'
    const shell = new Shell(join(runs, 'mistake'), '', {
      'customers.csv': customers,
      'customers.yaml': mistaken,
    })
    const { stderr } = await shell.run('track-sync plan customers.csv --mapping customers.yaml')
    const spaced = (text = '') => text.replaceAll(/\s+/g, ' ').trim()
    expect(spaced(stderr)).toContain(spaced(shown?.text))
  })
})

test('the name of the package file in the jobs guide is that of this version', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const named = [...readPage('docs/jobs.md').matchAll(/track-sync-([\d.]+)\.tgz/g)].map(([, found]) => found)
  expect(new Set(named)).toEqual(new Set([version]))
})

/** The commands of each block, with what the last of them prints where the page shows it right below. */
function guide(page: string): { commands: string[]; prints: string | undefined }[] {
  return blocksOf(page).flatMap(({ language, text }, i, all) => {
    if (language !== 'sh') return []
    const next = all[i + 1]
    const isOutput = next?.language === '' && next.before.trim() === ''
    const commands = text.trim().split('\n')
    return [
      { commands: commands.filter(line => !elsewhere.test(line)), prints: isOutput ? next.text : undefined },
    ]
  })
}

/** What changes from run to run is left out. */
function steady(text: string): string {
  return text
    .replace(/in (?:less than a second|\d+ s), [\d.]+ a minute/, 'PACE')
    .replace(/took (?:less than a second|\d+ s)/, 'took TIME')
    .replace(/(?:https:\/\/rest\.fra-01\.braze\.eu|http:\/\/127\.0\.0\.1:\d+)/, 'HOST')
    .replace(/\d{8}-\d{6}/, 'TIME')
}

/** Leaves a run behind that was stopped before it sent anything. */
async function interrupt({ folder }: Shell, url: string): Promise<void> {
  const stop = new AbortController()
  const onStart = () => stop.abort({ exit: 'interrupted', message: 'Interrupted.' } satisfies Stop)
  const lines = { name: 'lines.csv', stream: Readable.from([Buffer.from(customers)]) }
  await importFiles({ files: [lines], url, key: 'k', runsDir: join(folder, 'reports'), stop, onStart })
}
