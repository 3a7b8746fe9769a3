import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { createSandbox, type SandboxOptions } from '../../src/index.ts'
import { type NextId, nextSteps } from '../../src/model/next-command.ts'
import { createShell, type Said } from '../support/paste.ts'
import { readSummary, temporaryFolder } from '../support/run-folder.ts'

/**
 * A way into trouble that ends with a next command, and what comes of pasting that. The next command must never be
 * refused as a command (exit 2), whatever the names it holds.
 */
interface Situation {
  says: string
  /** What is in the folder: names and texts. */
  files: Record<string, string | Buffer>
  /** What is typed, as a shell reads it. */
  type: string
  env?: Record<string, string>
  stdin?: string
  /** A sandbox that stands in for the host, where one is needed. */
  host?: SandboxOptions
  /** The exit code of what was typed. */
  fails: number
  /** The very line that is proposed, where it holds nothing that is another each time. */
  line?: string | RegExp
  /** What its advice asks somebody to do first. */
  mend?: (cwd: string) => void
  /** Where the advice is to change a variable. */
  mendedEnv?: Record<string, string>
  /** The exit code of the pasted line. */
  ends: number
  /** What shows that it got further. */
  proves?: (pasted: Said, cwd: string, told: Said) => void
}

const users = 'external_id,plan\nu1,gold\nu2,basic\n'
const refusedRow = 'external_id,plan\nu1,gold\n,nobody\n'
const hosts = 'import a.csv --rate off --run-id r'

const situations: Record<NextId, Situation[]> = {
  again: [
    {
      says: 'a file that was empty is there by now',
      files: { "it's $HOME `x` !.csv": '' },
      type: String.raw`track-sync import 'it'\''s $HOME ${'`x`'} !.csv' --sandbox --rate off --null-token 'N/A "x"'`,
      fails: 2,
      line: String.raw`track-sync import 'it'\''s $HOME ${'`x`'} !.csv' --sandbox --rate off --null-token 'N/A "x"'`,
      mend: cwd => writeFileSync(join(cwd, "it's $HOME `x` !.csv"), users),
      ends: 0,
    },
    {
      says: 'a mapping that is mended',
      files: { 'a.csv': users, 'm 1.yaml': 'colums: {}\n' },
      type: "track-sync plan a.csv --mapping 'm 1.yaml' --types text",
      fails: 2,
      line: "track-sync plan a.csv --mapping 'm 1.yaml' --types text",
      mend: cwd => writeFileSync(join(cwd, 'm 1.yaml'), 'columns: {}\n'),
      ends: 0,
    },
    {
      says: 'a key that is set',
      files: { 'a.csv': users },
      type: `track-sync ${hosts}`,
      env: { BRAZE_API_KEY: '' },
      host: {},
      fails: 2,
      mendedEnv: { BRAZE_API_KEY: 'k' },
      ends: 0,
    },
    {
      says: 'the key of the run, where another was given',
      files: { 'a.csv': users },
      type: `track-sync ${hosts} --max-errors 1 --concurrency 1; BRAZE_API_KEY=other track-sync resume r --max-errors 9`,
      host: { faults: [{ kind: 'refuse', status: 400 }] },
      fails: 6,
      line: 'track-sync resume r --max-errors 9',
      ends: 1,
      proves: finished,
    },
    {
      says: 'the input of the run as it was',
      files: { 'a.csv': refusedRow },
      type: `track-sync ${hosts} --max-errors 1; echo u9,new >> a.csv; track-sync resume r --max-errors 9`,
      host: {},
      fails: 6,
      mend: cwd => writeFileSync(join(cwd, 'a.csv'), refusedRow),
      ends: 1,
      proves: finished,
    },
    {
      says: 'a plan of which every row was refused',
      files: { 'a.csv': 'external_id,plan\n,x\n' },
      type: 'track-sync plan a.csv --kind attributes',
      fails: 1,
      line: 'track-sync plan a.csv --kind attributes',
      mend: cwd => writeFileSync(join(cwd, 'a.csv'), users),
      ends: 0,
    },
    {
      says: 'rows from standard input',
      files: {},
      type: 'track-sync import - --sandbox --rate off --types text',
      fails: 2,
      line: 'track-sync import - --sandbox --rate off --types text',
      ends: 0,
    },
  ],
  auditAgain: [
    {
      says: 'an audit with a key that may not read profiles',
      files: { 'a.csv': 'external_id,plan\n' },
      type: 'echo u1,gold >> a.csv; track-sync audit a.csv --lookup-rate off --run-id r',
      env: { BRAZE_API_KEY: 'wrong' },
      host: { key: 'k' },
      fails: 5,
      line: 'track-sync audit a.csv --lookup-rate off',
      mendedEnv: { BRAZE_API_KEY: 'k' },
      // The user does not exist.
      ends: 1,
    },
  ],
  delimit: [
    {
      says: 'a delimiter that makes one column of all',
      files: { 'a.csv': 'external_id;plan\nu1;gold\n' },
      type: 'track-sync import a.csv --delimiter , --sandbox --rate off --id external_id=external_id',
      fails: 2,
      line: "track-sync import a.csv --delimiter ';' --sandbox --rate off --id external_id=external_id",
      ends: 0,
    },
    {
      says: 'one of tabs, said in the environment',
      files: { 'a b.tsv': 'external_id\tplan\nu1\tgold\n' },
      type: "track-sync plan 'a b.tsv'",
      env: { TRACK_SYNC_DELIMITER: '|' },
      fails: 2,
      line: "track-sync plan 'a b.tsv' --delimiter tab",
      ends: 0,
    },
  ],
  identify: [
    {
      says: 'a column with a space in its name',
      files: { 'a.csv': 'Customer ID,First Name\n1,Teo\n' },
      type: 'track-sync plan a.csv',
      fails: 2,
      line: "track-sync plan a.csv --id 'external_id=Customer ID'",
      ends: 0,
    },
    {
      says: 'before it is sent, with all that was said',
      files: { 'a.csv': 'order id,userId\n1,u2\n' },
      type: 'track-sync import a.csv --sandbox --rate off --type userId=string --update-existing-only',
      fails: 2,
      line: 'track-sync import a.csv --sandbox --rate off --type userId=string --update-existing-only --id external_id=userId',
      // The sandbox has no user yet, so none is updated.
      ends: 1,
    },
  ],
  encode: [
    {
      says: 'an encoding that the file is not in',
      files: { 'a.csv': Buffer.from(`\ufeff${users}`, 'utf16le') },
      type: 'track-sync plan a.csv --encoding utf-8',
      fails: 2,
      line: 'track-sync plan a.csv --encoding utf-16le',
      ends: 0,
    },
  ],
  takeAsEvents: [
    {
      says: 'events with a property of their own',
      files: { 'a.csv': 'external_id,name,time,colour\nu,n,2024-01-01,red\n' },
      type: 'track-sync plan a.csv',
      fails: 2,
      line: 'track-sync plan a.csv --kind events',
      ends: 0,
    },
  ],
  unpack: [
    {
      says: 'a file that another program unpacks',
      files: { '-my file.csv.bz2': execFileSync('bzip2', ['-c'], { input: users }) },
      type: "track-sync import --sandbox --rate off -- '-my file.csv.bz2'",
      fails: 2,
      line: "bzip2 -dc './-my file.csv.bz2' | track-sync import - --sandbox --rate off",
      ends: 0,
    },
    {
      says: 'one among others that is to be sent once: unpacked beforehand',
      files: { 'a.csv.xz': execFileSync('xz', ['-c'], { input: users }) },
      type: 'track-sync import a.csv.xz --once --sandbox --rate off',
      fails: 2,
      line: 'track-sync import a.csv.xz --once --sandbox --rate off',
      mend: cwd => writeFileSync(join(cwd, 'a.csv.xz'), users),
      ends: 0,
    },
  ],
  tryHere: [
    {
      says: 'no host',
      files: { 'a.csv': users },
      type: 'track-sync import a.csv --rate 300 --api-key-file k.txt',
      fails: 2,
      line: 'track-sync import a.csv --rate 300 --sandbox',
      ends: 0,
    },
  ],
  limitRate: [
    {
      says: 'no limit for a host of others',
      files: { 'a.csv': users },
      type: 'track-sync import a.csv --rate off --concurrency 1',
      env: { BRAZE_API_URL: 'https://127.0.0.2:9', BRAZE_API_KEY: 'k' },
      fails: 2,
      line: 'track-sync import a.csv --rate 500 --concurrency 1',
      // It gets as far as finding nobody there.
      ends: 3,
    },
  ],
  limitLookups: [
    {
      says: 'no limit of lookups for a host of others',
      files: { 'a.csv': users },
      type: 'track-sync import a.csv --lookup-rate off --concurrency 1',
      env: { BRAZE_API_URL: 'https://127.0.0.2:9', BRAZE_API_KEY: 'k' },
      fails: 2,
      line: 'track-sync import a.csv --lookup-rate 250 --concurrency 1',
      ends: 3,
    },
  ],
  sendThere: [
    {
      says: 'another host than that of the run',
      files: { 'a.csv': refusedRow },
      type: `track-sync ${hosts} --max-errors 1; track-sync resume r --url http://127.0.0.1:9 --max-errors 9`,
      host: {},
      fails: 6,
      line: /^track-sync resume r --url http:\/\/127\.0\.0\.1:\d+\/ --max-errors 9$/,
      ends: 1,
      proves: finished,
    },
  ],
  send: [
    {
      says: 'a plan with everything that was said, in flags',
      files: {
        'a b.csv':
          'CustomerID,StockCode,InvoiceDate,UnitPrice\nc-1,s-1,2024-01-02 10:00:00,2.5\n,s-1,2024-01-02 10:00:00,2.5\n',
        'my map.yaml':
          'kind: purchases\nid: { external_id: CustomerID }\ncolumns:\n  StockCode: { to: product_id }\n  InvoiceDate: { to: time, type: time }\n  UnitPrice: { to: price }\nconstants: { currency: GBP }\n',
        'set.yaml': 'on-type-error: field\n',
      },
      type: "track-sync plan 'a b.csv' --mapping 'my map.yaml' --type UnitPrice=number --type StockCode=string --reading longString=truncate --config set.yaml --empty null --rate 400 --no-color",
      env: { TRACK_SYNC_SANDBOX: '1' },
      fails: 1,
      line: "track-sync import 'a b.csv' --mapping 'my map.yaml' --type UnitPrice=number --type StockCode=string --reading longString=truncate --config set.yaml --empty null --rate 400 --no-color",
      ends: 1,
      proves: finished,
    },
    {
      says: 'a plan whose refused rows alone would end the run',
      files: { 'a.csv': `external_id,plan\nu1,x\n${',x\n'.repeat(120)}` },
      type: 'track-sync plan a.csv',
      env: { TRACK_SYNC_SANDBOX: '1', TRACK_SYNC_RATE: 'off' },
      fails: 1,
      line: 'track-sync import a.csv --max-errors 220',
      ends: 1,
      proves: finished,
    },
  ],
  sendUnasked: [
    {
      says: 'somebody who said no',
      files: { 'my file.csv': refusedRow },
      type: `script -qec "track-sync import 'my file.csv' --rate off --max-errors 1" /dev/null <<< n | tr -d '\\r' >&2; exit \${PIPESTATUS[0]}`,
      host: {},
      fails: 2,
      line: "track-sync import 'my file.csv' --rate off --max-errors 2 --yes",
      ends: 1,
      proves: finished,
    },
  ],
  goOn: [
    {
      says: 'a budget that is spent by what is refused here',
      files: { 'a.csv': refusedRow },
      type: "track-sync import a.csv --rate off --runs-dir '-my runs' --run-id 'r 1' --max-errors 1",
      host: {},
      fails: 3,
      line: "track-sync resume './-my runs/r 1' --rate off --max-errors 2",
      ends: 1,
      proves: (_, cwd) => expect(readSummary(join(cwd, '-my runs/r 1')).status).toBe('finished'),
    },
    {
      says: 'a budget in per cent that many rows in flight have overdrawn',
      files: { 'a.csv': `external_id,plan\n${Array.from({ length: 200 }, (_, i) => `u${i},x\n`).join('')}` },
      type: `track-sync ${hosts} --max-errors 1% --concurrency 20`,
      host: { faults: [{ kind: 'refuse', status: 400 }], latency: 5 },
      fails: 3,
      ends: 3,
      proves: (pasted, _, told) => expect(budgetIn(pasted)).toBeGreaterThan(budgetIn(told)),
    },
    {
      says: 'a key that is refused',
      files: { 'a.csv': users },
      type: `track-sync ${hosts}`,
      env: { BRAZE_API_KEY: 'wrong' },
      host: { key: 'k' },
      fails: 5,
      line: 'track-sync resume reports/r --rate off',
      mendedEnv: { BRAZE_API_KEY: 'k' },
      ends: 0,
    },
    {
      says: 'a host that fails too often',
      files: { 'a.csv': users },
      type: `track-sync ${hosts} --max-retries 0 --concurrency 1`,
      host: { faults: [{ kind: 'refuse', status: 503, share: 0.7 }], seed: 3 },
      fails: 3,
      line: 'track-sync resume reports/r --rate off --max-retries 0 --concurrency 1',
      ends: 3,
    },
    {
      says: 'a disk that is full',
      files: { 'a.csv': `external_id,plan\n${Array.from({ length: 400 }, (_, i) => `u${i},x\n`).join('')}` },
      type: `(ulimit -f 64; exec track-sync ${hosts} --concurrency 5)`,
      host: {},
      fails: 3,
      line: 'track-sync resume reports/r --rate off --concurrency 5',
      ends: 0,
    },
    {
      says: 'a run to a sandbox of its own',
      files: { 'a.csv': refusedRow },
      type: `track-sync ${hosts} --sandbox --max-errors 1`,
      fails: 3,
      line: 'track-sync resume reports/r --rate off --max-errors 2',
      ends: 1,
      proves: finished,
    },
  ],
  look: [
    {
      says: 'a run that is over',
      files: { 'a.csv': users },
      type: "track-sync import a.csv --sandbox --rate off --runs-dir 'my runs' --run-id 'ü \u200b1'",
      fails: 0,
      line: String.raw`track-sync report $'my runs/ü \xe2\x80\x8b1' --open`,
      ends: 0,
    },
    {
      says: 'a report without values',
      files: { 'a.csv': users },
      type: `track-sync ${hosts} --sandbox; track-sync report latest --redact`,
      fails: 0,
      line: 'track-sync report reports/r --redact --open',
      ends: 0,
    },
    {
      says: 'a run that is compared with another, by its id',
      files: { 'a.csv': users },
      type: 'for r in x y; do track-sync import a.csv --sandbox --rate off --runs-dir d --run-id $r; done; track-sync report y --runs-dir d --compare x',
      fails: 0,
      line: 'track-sync report d/y --runs-dir d --compare x --open',
      ends: 0,
    },
    {
      says: 'a name that is taken by a run',
      files: { 'a.csv': users },
      type: `track-sync ${hosts} --sandbox; track-sync ${hosts} --sandbox`,
      fails: 2,
      line: 'track-sync report reports/r --open',
      ends: 0,
    },
    {
      says: 'a run with nothing to resume',
      files: { 'a.csv': users },
      type: `track-sync ${hosts} --sandbox; track-sync resume r`,
      fails: 6,
      line: 'track-sync report reports/r --open',
      ends: 0,
    },
  ],
  list: [
    {
      says: 'a file that is not there, in a folder that is not there',
      files: { 'my exports/x.csv': users },
      type: "track-sync plan 'my exports/nope/a.csv'",
      fails: 2,
      line: "ls 'my exports'",
      ends: 0,
      proves: ({ stdout }) => expect(stdout).toContain('x.csv'),
    },
    {
      says: 'a pattern that finds nothing',
      files: { 'exports/x.ndjson': users },
      type: "track-sync plan 'exports/*/2024-*.csv'",
      fails: 2,
      line: 'ls exports',
      ends: 0,
    },
    {
      says: 'a folder',
      files: { '-x/a.csv': users },
      type: 'track-sync plan -- -x',
      fails: 2,
      line: 'ls ./-x',
      ends: 0,
    },
    {
      says: 'a run that is not there',
      files: { 'd/x': '' },
      type: 'track-sync report nope --runs-dir d',
      fails: 2,
      line: 'ls d',
      ends: 0,
    },
    {
      says: 'a name that is taken by no run',
      files: { 'a.csv': users, 'reports/r/precious': '' },
      type: `track-sync ${hosts} --sandbox`,
      fails: 2,
      line: 'ls reports/r',
      ends: 0,
      proves: ({ stdout }) => expect(stdout).toContain('precious'),
    },
  ],
  help: [
    { says: 'no command', files: {}, type: 'track-sync', fails: 2, line: 'track-sync --help', ends: 0 },
    {
      says: 'a flag that is none',
      files: {},
      type: 'track-sync import a.csv --sandbxo',
      fails: 2,
      line: 'track-sync import --help',
      ends: 0,
    },
    {
      says: 'a value that is none',
      files: {},
      type: 'track-sync resume latest --rate fast',
      fails: 2,
      line: 'track-sync resume --help',
      ends: 0,
    },
    {
      says: 'a dry run',
      files: {},
      type: 'track-sync import a.csv --dry-run',
      fails: 2,
      line: 'track-sync plan --help',
      ends: 0,
    },
    {
      says: 'a column that may hold anything',
      files: { 'a.csv': 'order_id,StockCode\n1,2\n' },
      type: 'track-sync import a.csv --sandbox',
      fails: 2,
      line: 'track-sync import --help',
      ends: 0,
    },
    {
      says: 'no runs at all',
      files: {},
      type: 'track-sync resume latest',
      fails: 6,
      line: 'track-sync resume --help',
      ends: 0,
    },
  ],
}

const shell = createShell()
const folder = temporaryFolder()

describe.each(Object.keys(nextSteps) as NextId[])('%s, pasted into a shell, works after', id => {
  for (const [i, situation] of situations[id].entries()) {
    test.concurrent(situation.says, async () => {
      const cwd = join(folder, `${id}-${i}`)
      mkdirSync(cwd)
      await act(id, situation, cwd)
    })
  }
})

test('every next step has a situation', () => {
  expect(Object.keys(situations).toSorted()).toEqual(Object.keys(nextSteps).toSorted())
  expect(Object.values(situations).filter(ways => ways.length === 0)).toEqual([])
})

test('no command is written as a text anywhere, where nobody would quote it', () => {
  const root = fileURLToPath(new URL('../../src', import.meta.url))
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'))
  const written = files.flatMap(file =>
    [...codeOf(join(root, file)).matchAll(/track-sync (?:plan|import|resume|report|sandbox)\b.*/g)].map(
      ([text]) => `${file}: ${text}`,
    ),
  )
  // The examples of the help.
  expect(written.filter(text => !/^cli\/(?:commands|program)\.ts: /.test(text))).toEqual([])
})

test('the page of a run elsewhere goes on with it, too', async () => {
  const cwd = join(folder, 'page')
  mkdirSync(cwd)
  writeFileSync(join(cwd, 'a.csv'), refusedRow)
  const type = `track-sync import a.csv --rate off --sandbox --runs-dir "my 'runs'" --run-id '<b>' --max-errors 1`
  const told = await shell(type, { cwd })
  const html = readFileSync(join(cwd, "my 'runs'/<b>/report.html"), 'utf8')
  const shown = [...html.matchAll(/<code>(track-sync .*?)<\/code>/g)].map(([, text = '']) => unescaped(text))
  const line = String.raw`track-sync resume 'my '\''runs'\''/<b>' --max-errors 2`
  expect([told.code, new Set(shown)]).toEqual([3, new Set([line])])
  finished(await shell(line, { cwd }))
})

test('a password that was typed is not repeated, and somebody is told', async () => {
  const cwd = join(folder, 'password')
  mkdirSync(cwd)
  writeFileSync(join(cwd, 'a.csv'), users)
  const proxy = 'http://me:secret-9@127.0.0.1:9'
  const type = `track-sync import a.csv --url http://127.0.0.1:9 --proxy ${proxy} --run-id r --concurrency 1`
  const told = await shell(type, { cwd, env: { BRAZE_API_KEY: 'k' } })
  expect([told.code, told.next]).toEqual([
    3,
    'track-sync resume reports/r --url http://127.0.0.1:9 --concurrency 1',
  ])
  expect(told.stderr).toMatch(/--proxy contains a password; add it yourself/)
})

function codeOf(path: string): string {
  return readFileSync(path, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')
}

function unescaped(text: string): string {
  const signs: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }
  return text.replaceAll(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => signs[name] ?? '')
}

async function act(id: NextId, situation: Situation, cwd: string): Promise<void> {
  const { files, host } = situation
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true })
    writeFileSync(join(cwd, name), text)
  }
  const sandbox = host === undefined ? undefined : await createSandbox({ limit: 'off', ...host })
  try {
    await typeAndPaste(id, situation, cwd, sandbox?.url)
  } finally {
    await sandbox?.close()
  }
}

async function typeAndPaste(id: NextId, situation: Situation, cwd: string, url: string | undefined) {
  const { type, fails, line, mend, mendedEnv, ends, proves } = situation
  const target = url === undefined ? {} : { BRAZE_API_URL: url, BRAZE_API_KEY: 'k' }
  const env = { LC_ALL: 'C.UTF-8', ...target, ...situation.env }
  // A log names the step and has the bare command.
  const told = await shell(type, { cwd, env: { ...env, TRACK_SYNC_LOG_FORMAT: 'json' } })
  expect([told.code, told.next === ''], told.stderr).toEqual([fails, false])
  expect(told.next).not.toMatch(/…|\p{Cc}/u)
  if (line !== undefined) expect(told.next).toMatch(line instanceof RegExp ? line : exactly(line))
  expect(told.step).toBe(id)

  mend?.(cwd)
  const pasted = await shell(told.next, { cwd, env: { ...env, ...mendedEnv }, stdin: users })
  expect(pasted.code, `${told.next}\n${pasted.stderr}`).toBe(ends)
  expect(pasted.code, pasted.stderr).not.toBe(2)
  proves?.(pasted, cwd, told)
}

function exactly(line: string): RegExp {
  return new RegExp(`^${line.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}$`)
}

function budgetIn({ next }: Said): number {
  return Number(/--max-errors (\d+)/.exec(next)?.[1])
}

/** Everything has ended, and nothing is left to go on with. */
function finished(pasted: Said): void {
  expect(pasted.next, pasted.stderr).toMatch(/^track-sync report .* --open$/)
}
