import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import manifest from '../package.json' with { type: 'json' }
import { createProgram } from '../src/cli/program.ts'
import { settings } from '../src/options/settings.ts'
import { problemCodes, reasons } from '../src/index.ts'
import { barLegend, progressBar } from '../src/report/progress-text.ts'
import { blocksOf, pageNames, readPage, root } from './support/pages.ts'
import { progressOf } from './support/progress.ts'
import { namedVariables } from './support/reference-tables.ts'

const path = (name: string) => join(root, name)
const readme = readPage('README.md')
const blocks = blocksOf(readme)

describe('the README', () => {
  test('its first code block is one line, which installs, builds and runs the sample', () => {
    expect(blocks[0]?.text).toBe('npm ci && npm start\n')
    expect(manifest.scripts.start).toMatch(
      /npm run --silent build && node dist\/cli\/main\.js import fixtures\/.* --sandbox --verify profile$/,
    )
  })

  test('the gate runs its test command here, and then on the other Nodes', () => {
    const command = 'npm ci && npm run check'
    expect(blocks.some(({ text }) => text === `${command}\n`)).toBe(true)
    const gate = readFileSync(path('.ci/run'), 'utf8').trim().split('\n')
    expect(gate.slice(-2)).toEqual([`${command} || exit`, '.ci/nodes'])
  })

  test('it has a page or two', () => {
    expect(readme.split('\n').length).toBeLessThanOrEqual(200)
  })

  test('it names the variables that a host and a key come from', () => {
    for (const name of [...namedVariables, 'BRAZE_API_KEY']) expect(readme).toContain(name)
  })
})

describe('the pages', () => {
  test('contributing says what every package is for', () => {
    const packages = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })
    const page = readPage('docs/contributing.md')
    expect(packages.filter(name => !name.startsWith('@types/') && !page.includes(`\`${name}\``))).toEqual([])
  })

  test('architecture names every room, in the order of the river', () => {
    const rooms = readdirSync(path('src'), { withFileTypes: true }).filter(entry => entry.isDirectory())
    const page = readPage('docs/architecture.md')
    const rows = [...page.matchAll(/^\| `([\w-]+)\/` \|/gm)].map(([, room]) => room)
    expect(new Set(rows)).toEqual(new Set(rooms.map(room => room.name)))
    expect(rows).toEqual([
      'model',
      'braze',
      'rate-limit',
      'parse',
      'map',
      'validate',
      'forecast',
      'deliver',
      'lookup',
      'journal',
      'reconcile',
      'report',
      'sandbox',
      'options',
      'run',
      'cli',
    ])
  })

  test('settings names the variables', () => {
    const page = readPage('docs/settings.md')
    for (const name of [...namedVariables, 'BRAZE_API_KEY', 'TRACK_SYNC_']) expect(page).toContain(name)
  })

  test.each(pageNames)('%s: every flag, script and file that it names exists', name => {
    const page = readPage(name)
    const flags = new Set(settings.map(setting => `--${setting.name}`))
    const others = new Set(['--help', '--version', '--global'])
    const commands = [...page.matchAll(/\btrack-sync .*|(?<=`)--[a-z].*?(?=`)/g)].map(([text]) => text)
    const used = commands.flatMap(text => text.match(/(?<![\w-])--[a-z0-9-]+/g) ?? [])
    expect(used.filter(flag => !flags.has(flag) && !others.has(flag))).toEqual([])

    const scripts = [...page.matchAll(/\bnpm run (?:--silent )?([\w:]+)/g)].map(([, script = '']) => script)
    expect(scripts.filter(script => !Object.hasOwn(manifest.scripts, script))).toEqual([])

    const files = [...page.matchAll(/`((?:src|test|bench|fixtures)\/[\w./-]*)`/g)].map(
      ([, file = '']) => file,
    )
    expect(files.filter(file => !existsSync(path(file)))).toEqual([])
  })

  test('reports shows the bar as it is drawn', () => {
    const figures = { total: 50_000, ended: 25_310, verified: 24_871, mismatched: 402, failed: 37 }
    const drawn = progressBar(progressOf({ ...figures, perMinute: 499, endsAt: 50 * 60_000 }), 0, 80)
    const [shown] = blocksOf(readPage('docs/reports.md'))
    expect(shown?.text).toBe(`Sending 50,000 rows.  ${barLegend()}\n${drawn}\n`)
  })

  test('jobs names metrics that are kept', () => {
    const kept = readFileSync(path('src/report/prometheus.ts'), 'utf8')
    const named = [...readPage('docs/jobs.md').matchAll(/\btrack_sync_(\w+)/g)].map(([, name = '']) => name)
    expect(named.length).toBeGreaterThan(2)
    expect(named.filter(name => !kept.includes(`'${name}'`))).toEqual([])
  })

  test('performance names for every number the script that measures it', () => {
    const rows = readPage('docs/performance.md').match(/^\|(?! ?-|.*\| (?:Script|Where)).*\|$/gm) ?? []
    expect(rows.length).toBeGreaterThan(10)
    expect(
      rows.filter(row => !/`(?:npm run [\w:]+|track-sync plan|test\/[\w./-]+)`[^|]*\|$/.test(row)),
    ).toEqual([])
  })
})

describe('the help', () => {
  test('of each command names its settings with their defaults', async () => {
    const program = await createProgram()
    for (const command of program.commands) {
      const help = command.helpInformation().replaceAll(/\s+/g, ' ')
      const own = settings.filter(setting => setting.commands.some(name => name === command.name()))
      expect(own.length).toBeGreaterThan(0)
      for (const setting of own) {
        expect(help).toContain(`--${setting.name}`)
        expect(help).toContain(setting.means)
        if (!['off', 'none'].includes(setting.default)) expect(help).toContain(`[${setting.default}]`)
      }
    }
  })
})

describe('the codes', () => {
  test('every problem code is given somewhere, and every code given is in the table', () => {
    const files = readdirSync(path('src'), { recursive: true, encoding: 'utf8' }).filter(file =>
      file.endsWith('.ts'),
    )
    const others = files
      .filter(file => file !== 'model/problem.ts')
      .map(file => readFileSync(path(`src/${file}`), 'utf8'))
    const all = others.join('\n')
    expect(Object.keys(problemCodes).filter(code => !all.includes(`'${code}'`))).toEqual([])
  })

  test('every reason is given somewhere', () => {
    const judges = readdirSync(path('src/reconcile')).map(file => `src/reconcile/${file}`)
    const files = [...judges, 'src/braze/equivalence.ts'].map(file => readFileSync(path(file), 'utf8'))
    expect(Object.keys(reasons).filter(code => !files.join('\n').includes(`'${code}'`))).toEqual([])
  })
})

describe('the changelog', () => {
  test('speaks of this version', () => {
    expect(readFileSync(path('CHANGELOG.md'), 'utf8')).toMatch(new RegExp(`^## ${manifest.version}\\b`, 'm'))
  })
})
