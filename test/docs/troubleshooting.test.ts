import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  createSandbox,
  type Fault,
  findRunFolder,
  importFiles,
  type ImportOptions,
  plan,
  planText,
  resume,
  type ResumeOptions,
  summaryText,
  TrackSyncError,
} from '../../src/index.ts'
import { lockRun } from '../../src/journal/lock.ts'
import { noExports } from '../support/looks.ts'
import { authority } from '../support/hostile.ts'
import { blocksOf, commandsOf, filesOf, readPage, root, sectionsOf } from '../support/pages.ts'
import { temporaryFolder } from '../support/run-folder.ts'
import { namedHost, Shell } from '../support/shell.ts'

/** How somebody comes to see what a section quotes, and how the commands go that it proposes. */
interface Scene {
  files?: Record<string, string | Buffer>
  /** What goes wrong with the calls of the host. */
  faults?: Fault[]
  /** Comes to see it; what this gives must hold the messages of the section. */
  see?: (here: Here) => Promise<string>
  /** The exit codes of the section's own commands, where they are not 0. */
  codes?: Record<string, number>
}

/** Where a scene takes place. */
class Here {
  readonly shell: Shell
  readonly host: string

  constructor(shell: Shell, host: string) {
    this.shell = shell
    this.host = host
  }

  path(name: string): string {
    return join(this.shell.folder, name)
  }

  async plan(...names: string[]): Promise<string> {
    return await orMessage(async () => {
      const planned = await plan({ files: names.map(name => this.path(name)) })
      return planText(planned, 500) + planned.problems.map(({ first }) => first.message).join('\n')
    })
  }

  async send(name: string, runId: string, more: Partial<ImportOptions> = {}): Promise<string> {
    return await orMessage(async () => {
      const where = { url: this.host, key: 'k', runsDir: this.path('reports'), runId }
      const { summary, facts } = await importFiles({ files: [this.path(name)], ...where, ...more })
      return summaryText(summary, facts)
    })
  }

  async resume(run: string, more: Partial<ResumeOptions> = {}): Promise<string> {
    return await orMessage(async () => {
      const { summary, facts } = await resume(this.path(`reports/${run}`), { key: 'k', ...more })
      return summaryText(summary, facts)
    })
  }

  async command(...lines: string[]): Promise<string> {
    let printed = ''
    for (const line of lines) {
      const { stdout, stderr } = await this.shell.run(line)
      printed += stdout + stderr
    }
    return printed
  }
}

async function orMessage(work: () => Promise<string>): Promise<string> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof TrackSyncError) return error.message
    throw error
  }
}

const orders = 'external_id,plan\nu1,gold\nu2,silver\n'
const visits = 'external_id,name,time\nu1,visited,2024-02-29T10:00:00Z\nu1,visited,2024-02-29T11:00:00Z\n'
const ages = 'external_id,age\nu1,31\nu2,n/a\n'
const long = `external_id,note\nu1,${'a'.repeat(300)}\n`
const oneUser = `external_id,plan\n${Array.from({ length: 100 }, (_, i) => `u1,${i}\n`).join('')}`
const mistaken = Array.from({ length: 110 }, (_, i) => `u${i},x\n`).join('')
const sound = Array.from({ length: 10 }, (_, i) => `v${i},1\n`).join('')

/** A host that refuses the first call, so that a run stops there and can be resumed. */
const refusing = (status: number): Pick<Scene, 'files' | 'faults'> => ({
  files: { 'orders.csv': orders },
  faults: [{ kind: 'refuse', status, calls: [1] }],
})
const losing: Pick<Scene, 'files' | 'faults'> = {
  files: { 'visits.csv': visits },
  faults: [{ kind: 'cut_after', calls: [1] }, noExports],
}
const sendOrders = async (here: Here) => await here.send('orders.csv', 'orders')

const scenes: Record<string, Scene> = {
  'No column identifies the user': { see: here => here.plan('customers.csv') },
  'The file is read as one column': {
    files: { 'export.csv': 'external_id^plan\nu1^gold\n' },
    see: here => here.plan('export.csv'),
  },
  'The first row of data is read as the header': {
    files: { 'rows.csv': 'u1,gold\nu2,silver\n' },
    see: here => here.plan('rows.csv'),
  },
  'Characters are wrong, or rows have a wrong encoding': {
    files: { 'clients.csv': Buffer.from('external_id,plan\nu1,gold\nu2,café\n', 'latin1') },
    see: here => here.plan('clients.csv'),
  },
  'Two columns have the same name, or one has none': {
    files: {
      'accounts.csv': 'external_id,plan,plan\nu1,a,b\n',
      'nameless.csv': 'external_id,,plan\nu1,a,b\n',
    },
    see: async here => `${await here.plan('accounts.csv')} ${await here.plan('nameless.csv')}`,
  },
  'A row has the wrong number of cells, or an open quotation mark': {
    files: { 'broken.csv': 'external_id,plan\nu1,Smith, Ann\nu2,"gold\n' },
    see: here => here.plan('broken.csv'),
    codes: { 'track-sync import broken.csv --sandbox': 1 },
  },
  'The file is empty': {
    files: { 'nothing.csv': '', 'header.csv': 'external_id,plan\n' },
    see: async here => `${await here.plan('nothing.csv')} ${await here.plan('header.csv')}`,
  },
  'The file is an Excel workbook': {
    files: { 'book.xlsx': 'PK\u0003\u0004 and more' },
    see: here => here.plan('book.xlsx'),
  },
  'A file is named twice': { see: here => here.plan('customers.csv', 'customers.csv') },
  'A number, date or boolean arrives as text': {
    files: { 'ages.csv': ages },
    see: here => here.plan('ages.csv'),
  },
  'A cell does not fit the type of its column': {
    files: { 'typed.csv': ages.replace('age', 'age:integer') },
    see: here => here.plan('typed.csv'),
  },
  'A column is not a field of an event': {
    files: { 'events.csv': 'external_id,name,time,size\nu1,a,2024-02-29,XL\n' },
    see: here => here.plan('events.csv'),
  },
  'The plan foresees values that will not be stored': {
    files: { 'long.csv': long },
    see: here => here.plan('long.csv'),
  },
  'A flag or variable has no effect': {
    see: here =>
      here.command(
        'track-sync import customers.csv --max-error 3',
        'TRACK_SYNC_MAX_EROR=3 track-sync plan customers.csv',
      ),
  },
  'No host or no key': {
    see: here =>
      here.command(
        'env -u BRAZE_API_URL track-sync import customers.csv',
        'env -u BRAZE_API_KEY track-sync import customers.csv',
      ),
  },
  '401': { ...refusing(401), see: sendOrders },
  '403': { ...refusing(403), see: sendOrders },
  '404': { ...refusing(404), see: sendOrders },
  'A proxy or sign-in page responds': {
    files: { 'orders.csv': orders },
    faults: [{ kind: 'html', status: 200, calls: [1] }],
    see: sendOrders,
  },
  'The rate is far below the limit': {
    files: { 'visits.csv': oneUser },
    see: here => here.plan('visits.csv'),
  },
  'Pauses and 429': { files: { 'customers.csv': orders } },
  'Rows are unknown': {
    ...losing,
    see: here => here.send('visits.csv', 'visits'),
    // The key of this scene has not got the permission yet.
    codes: { 'track-sync resume reports/visits --only-unknown': 5 },
  },
  'Rows are held': { ...losing, see: here => here.send('visits.csv', 'visits') },
  'Rows are rejected': { ...refusing(400), see: sendOrders },
  'Values are mismatched': {
    files: { 'long.csv': long },
    see: here => here.send('long.csv', 'long'),
    codes: { 'track-sync report latest --json': 1 },
  },
  'Nothing could be compared': {
    files: { 'names.csv': 'external_id,first_name\nu1,Ada\n' },
    see: here => here.send('names.csv', 'names'),
  },
  'Something may have been sent twice': { files: { 'customers.csv': orders } },
  'The error budget stopped the run': {
    files: { 'bad.csv': `external_id,age:integer\n${mistaken}${sound}` },
    see: here => here.send('bad.csv', 'bad'),
    codes: { 'track-sync resume latest --max-errors 200': 1 },
  },
  'Resume refused: the input changed': {
    ...refusing(401),
    see: async here => {
      await sendOrders(here)
      here.shell.write('orders.csv', 'external_id,plan\nu9,gold\n')
      return await here.resume('orders')
    },
  },
  'Resume refused: another host': {
    ...refusing(401),
    see: async here => {
      await sendOrders(here)
      return await here.resume('orders', { url: 'https://rest.iad-01.braze.com' })
    },
  },
  'Resume refused: another key': {
    files: { 'orders.csv': orders },
    faults: [{ kind: 'refuse', status: 403, calls: [2] }],
    see: async here => {
      await sendOrders(here)
      return await here.resume('orders', { key: 'other' })
    },
  },
  'Resume refused: the run is in use': {
    ...refusing(401),
    see: async here => {
      await sendOrders(here)
      const letGo = await lockRun(here.path('reports/orders'))
      const said = await here.resume('orders')
      await letGo(false)
      return said
    },
  },
  'Resume refused: nothing to do': {
    files: { 'orders.csv': orders },
    see: async here => {
      await sendOrders(here)
      return await here.resume('orders')
    },
  },
  'The certificate is not trusted': {
    ...refusing(401),
    files: { 'orders.csv': orders, 'company-ca.pem': readFileSync(authority) },
    see: sendOrders,
  },
  'Resume refused: the journal is damaged': {
    files: { 'orders.csv': orders },
    see: async here => {
      await sendOrders(here)
      const path = here.path('reports/orders/journal.ndjson')
      writeFileSync(path, readFileSync(path, 'utf8').replace('"gold"', '"lead"'))
      return await here.resume('orders')
    },
    codes: { 'track-sync report orders': 4, 'track-sync import orders.csv --skip-unchanged orders': 0 },
  },
  'The folder cannot be written': { files: { 'customers.csv': orders } },
  'The report does not open': { files: { 'orders.csv': orders }, see: sendOrders },
  'No run is found': {
    files: { 'orders.csv': orders },
    see: async here => {
      await sendOrders(here)
      return await orMessage(() => findRunFolder('reports', 'orders-2'))
    },
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
      const { see, codes = {}, files, faults = [] } = scenes[heading] ?? {}
      const sandbox = await createSandbox({ limit: 'off', faults })
      onTestFinished(() => sandbox.close())
      const shell = new Shell(join(runs, String(i)), sandbox.url, {
        'customers.csv': 'customerID,plan\nu1,gold\nu2,silver\n',
        ...files,
        ...filesOf(text),
      })
      const seen = (await see?.(new Here(shell, sandbox.url))) ?? ''
      const shown = spaced(seen.replaceAll(sandbox.url, namedHost).replaceAll(`${shell.folder}/`, ''))
      for (const message of messagesOf(text)) {
        const isReal = message.includes('…') ? isInSources(message) : shown.includes(spaced(message))
        expect(isReal, `${message}\n\n${seen}`).toBe(true)
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
