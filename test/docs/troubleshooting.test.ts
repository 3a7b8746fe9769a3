import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createSandbox, type Fault } from '../../src/index.ts'
import { lockRun } from '../../src/journal/lock.ts'
import { blocksOf, commandsOf, filesOf, readPage, root, sectionsOf } from '../support/pages.ts'
import { temporaryFolder } from '../support/run-folder.ts'
import { namedHost, Shell } from '../support/shell.ts'

/** How somebody comes to see what a section quotes, and how the commands go that it proposes. */
interface Scene {
  files?: Record<string, string | Buffer>
  /** What goes wrong with the calls of the host. */
  faults?: Fault[]
  /** Commands with their exit codes; what they print must hold the messages of the section. */
  see?: [string, number][]
  /** Something beside the commands, done before the last of them. */
  meanwhile?: (folder: string) => Promise<() => Promise<void>>
  /** The exit codes of the section's own commands, where they are not 0. */
  codes?: Record<string, number>
}

const customers = 'customerID,plan\nu1,gold\nu2,silver\n'
const orders = 'external_id,plan\nu1,gold\nu2,silver\n'
const visits = 'external_id,name,time\nu1,visited,2024-02-29T10:00:00Z\nu1,visited,2024-02-29T11:00:00Z\n'
const ages = 'external_id,age\nu1,31\nu2,n/a\n'
const typed = ages.replace('age', 'age:integer')
const oneUser = `external_id,plan\n${Array.from({ length: 100 }, (_, i) => `u1,${i}\n`).join('')}`
const mistaken = Array.from({ length: 110 }, (_, i) => `u${i},x\n`).join('')
const sound = Array.from({ length: 10 }, (_, i) => `v${i},1\n`).join('')

const refused = (status: number): Fault => ({ kind: 'refuse', status, calls: [1] })
/** A run that the host refused at its first call, and that can be resumed. */
const stopped: Pick<Scene, 'files' | 'faults'> = { files: { 'orders.csv': orders }, faults: [refused(401)] }
const begun: [string, number] = ['track-sync import orders.csv --run-id orders', 5]

const scenes: Record<string, Scene> = {
  'No column identifies the user': { see: [['track-sync plan customers.csv', 2]] },
  'The file is read as one column': {
    files: { 'export.csv': 'external_id^plan\nu1^gold\n' },
    see: [['track-sync plan export.csv', 2]],
  },
  'The first row of data is taken for the header': {
    files: { 'rows.csv': 'u1,gold\nu2,silver\n' },
    see: [['track-sync plan rows.csv', 2]],
  },
  'Characters are wrong, or rows have a wrong encoding': {
    files: { 'clients.csv': Buffer.from('external_id,plan\nu1,gold\nu2,café\n', 'latin1') },
    see: [['track-sync plan clients.csv', 1]],
  },
  'Two columns have the same name, or one has none': {
    files: {
      'accounts.csv': 'external_id,plan,plan\nu1,a,b\n',
      'nameless.csv': 'external_id,,plan\nu1,a,b\n',
    },
    see: [
      ['track-sync plan accounts.csv', 2],
      ['track-sync plan nameless.csv', 2],
    ],
  },
  'A row has the wrong number of cells, or an open quotation mark': {
    files: { 'broken.csv': 'external_id,plan\nu1,Smith, Ann\nu2,"gold\n', 'open.csv': 'external_id,plan\nu2,"' },
    see: [['track-sync plan broken.csv --json', 1]],
    codes: { 'track-sync import broken.csv --sandbox': 1 },
  },
  'The file is empty': {
    files: { 'nothing.csv': '', 'header.csv': 'external_id,plan\n' },
    see: [
      ['track-sync plan nothing.csv', 2],
      ['track-sync plan header.csv', 2],
    ],
  },
  'The file is an Excel workbook': {
    files: { 'book.xlsx': 'PK\u0003\u0004 and more' },
    see: [['track-sync plan book.xlsx', 2]],
  },
  'A file is named twice': { see: [['track-sync plan customers.csv customers.csv', 2]] },
  'A number, date or boolean arrives as text': {
    files: { 'ages.csv': ages },
    see: [['track-sync plan ages.csv', 0]],
  },
  'A cell does not fit the type of its column': {
    files: { 'typed.csv': typed },
    see: [['track-sync plan typed.csv', 1]],
  },
  'A column is not a field of an event': {
    files: { 'events.csv': 'external_id,name,time,size\nu1,a,2024-02-29,XL\n' },
    see: [['track-sync plan events.csv', 2]],
  },
  'The plan foresees values that will not be stored': {
    files: { 'long.csv': `external_id,note\nu1,${'a'.repeat(300)}\n` },
    see: [['track-sync plan long.csv', 0]],
  },
  'A flag or variable has no effect': {
    see: [
      ['track-sync import customers.csv --max-error 3', 2],
      ['TRACK_SYNC_MAX_EROR=3 track-sync plan customers.csv', 2],
    ],
  },
  'No host or no key': {
    see: [
      ['env -u BRAZE_API_URL track-sync import customers.csv', 2],
      ['env -u BRAZE_API_KEY track-sync import customers.csv', 2],
    ],
  },
  '401': { ...stopped, see: [['track-sync import orders.csv', 5]] },
  '403': { ...stopped, faults: [refused(403)], see: [['track-sync import orders.csv', 5]] },
  '404': { ...stopped, faults: [refused(404)], see: [['track-sync import orders.csv', 5]] },
  'A proxy or sign-in page answers': {
    ...stopped,
    faults: [{ kind: 'html', status: 200, calls: [1] }],
    see: [['track-sync import orders.csv', 5]],
  },
  'The rate is far below the limit': {
    files: { 'visits.csv': oneUser },
    see: [['track-sync plan visits.csv', 0]],
  },
  'Pauses and 429': { files: { 'customers.csv': orders } },
  'Rows are unknown': {
    files: { 'visits.csv': visits },
    faults: [{ kind: 'cut_after', calls: [1] }],
    see: [['track-sync import visits.csv --run-id visits', 4]],
  },
  'Rows are held': {
    files: { 'visits.csv': visits },
    faults: [{ kind: 'cut_after', calls: [1] }],
    see: [['track-sync import visits.csv --run-id visits', 4]],
  },
  'Rows are rejected': {
    ...stopped,
    faults: [refused(400)],
    see: [['track-sync import orders.csv', 1]],
  },
  'Values are mismatched': {
    files: { 'long.csv': `external_id,note\nu1,${'a'.repeat(300)}\n` },
    see: [['track-sync import long.csv', 1]],
    codes: { 'track-sync report latest --json': 1 },
  },
  'Nothing could be compared': {
    files: { 'names.csv': 'external_id,first_name\nu1,Ada\n' },
    see: [['track-sync import names.csv', 0]],
  },
  'Something may have been sent twice': { files: { 'customers.csv': orders } },
  'The error budget stopped the run': {
    files: { 'bad.csv': `external_id,age:integer\n${mistaken}${sound}` },
    see: [['track-sync import bad.csv', 3]],
    codes: { 'track-sync resume latest --max-errors 200': 1 },
  },
  'Resume refused: the input changed': {
    ...stopped,
    see: [begun, ["printf 'external_id,plan\\nu9,gold\\n' > orders.csv", 0], ['track-sync resume orders', 6]],
  },
  'Resume refused: another host': {
    ...stopped,
    see: [begun, ['track-sync resume orders --url https://rest.iad-01.braze.com', 6]],
  },
  'Resume refused: another key': {
    ...stopped,
    see: [begun, ['BRAZE_API_KEY=other track-sync resume orders', 6]],
  },
  'Resume refused: the run is in use': {
    ...stopped,
    see: [begun, ['track-sync resume orders', 6]],
    meanwhile: async folder => {
      const letGo = await lockRun(join(folder, 'reports/orders'))
      return () => letGo(false)
    },
  },
  'Resume refused: nothing to do': {
    files: { 'orders.csv': orders },
    see: [
      ['track-sync import orders.csv --run-id orders', 0],
      ['track-sync resume orders', 6],
    ],
  },
  'The folder cannot be written': { files: { 'customers.csv': orders } },
  'The report does not open': {
    files: { 'orders.csv': orders },
    see: [['track-sync import orders.csv', 0]],
  },
  'No run is found': {
    files: { 'orders.csv': orders },
    see: [
      ['track-sync import orders.csv', 0],
      ['track-sync report orders-2', 2],
    ],
  },
  Memory: { files: { 'customers.csv': orders } },
}

const sections = sectionsOf(readPage('docs/troubleshooting.md'), 3)
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.ts'))
  .map(name => readFileSync(join(root, 'src', name), 'utf8'))
const runs = temporaryFolder()

describe('troubleshooting', () => {
  test('has a section for every scene', () => {
    expect(Object.keys(scenes).filter(heading => !sections.has(heading))).toEqual([])
  })

  test.for([...sections].map(([heading, text], i) => ({ heading, text, i })))(
    '$heading: its messages are real, and its commands work',
    async ({ heading, text, i }) => {
      const { see = [], meanwhile, codes = {}, ...scene } = scenes[heading] ?? {}
      const sandbox = await createSandbox({ limit: 'off', faults: scene.faults ?? [] })
      onTestFinished(() => sandbox.close())
      const shell = new Shell(join(runs, String(i)), sandbox.url, {
        'customers.csv': customers,
        ...scene.files,
        ...filesOf(text),
      })
      let printed = ''
      for (const [place, [command, code]] of see.entries()) {
        const isLast = place === see.length - 1
        const done = isLast ? await meanwhile?.(shell.folder) : undefined
        const said = await shell.run(command)
        await done?.()
        expect(said, command).toMatchObject({ code })
        printed += said.stdout + said.stderr
      }
      const shown = spaced(printed.replaceAll(sandbox.url, namedHost))
      for (const message of messagesOf(text)) {
        const isReal = message.includes('…') ? isInSources(message) : shown.includes(spaced(message))
        expect(isReal, `${message}\n\n${printed}`).toBe(true)
      }
      for (const command of commandsOf(text)) {
        const said = await shell.run(command)
        expect(said.code, `${command}\n${said.stderr}`).toBe(codes[command] ?? 0)
      }
    },
  )
})

/** What a section quotes, one message a line. */
function messagesOf(section: string): string[] {
  return blocksOf(section).flatMap(({ language, text }) =>
    language === 'text' ? text.trim().split('\n') : [],
  )
}

/** A message that no test can bring about, or whose parts vary: what stands between the `…` is in one file of the source. */
function isInSources(message: string): boolean {
  const parts = message.split('…').map(part => part.trim())
  return sources.some(source => parts.every(part => source.includes(part))) && parts.join('').length > 12
}

function spaced(text: string): string {
  return text.replaceAll(/\s+/g, ' ')
}
