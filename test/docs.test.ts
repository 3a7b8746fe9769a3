import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import manifest from '../package.json' with { type: 'json' }
import { createProgram } from '../src/cli/program.ts'
import { settings } from '../src/cli/settings.ts'
import { problemCodes, reasons } from '../src/index.ts'
import { trackSync } from './support/cli.ts'
import { temporaryFolder } from './support/run-folder.ts'
import { namedVariables, readmeTables } from './support/readme-tables.ts'

const path = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url))
const readme = readFileSync(path('README.md'), 'utf8')
const blocks = [...readme.matchAll(/```(\w*)\n([\s\S]*?)```/g)].map(([, language = '', text = '']) => ({
  language,
  text,
}))

/** `UPDATE_DOCS=1 npm test` writes the tables anew; without it, a table that is out of date fails. */
function between(name: string): RegExp {
  return new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(<!-- /${name} -->)`)
}

describe('the README', () => {
  if (process.env['UPDATE_DOCS'] === '1') {
    const entries = Object.entries(readmeTables)
    const written = entries.reduce(
      (text, [name, table]) => text.replace(between(name), (_, top, end) => `${top}${table}\n${end}`),
      readme,
    )
    writeFileSync(path('README.md'), written)
  }

  for (const [name, table] of Object.entries(readmeTables)) {
    test(`its table of ${name} is that of the code`, () => {
      const current = readFileSync(path('README.md'), 'utf8')
      expect(between(name).exec(current)?.[0]).toBe(`<!-- ${name} -->\n${table}\n<!-- /${name} -->`)
    })
  }

  test('its first code block is one line, which installs, builds and runs the sample', () => {
    expect(blocks[0]?.text).toBe('npm ci && npm start\n')
    expect(manifest.scripts.start).toMatch(
      /npm run --silent build && node dist\/cli\/main\.js import fixtures\/.* --sandbox$/,
    )
  })

  test('the gate runs its test command here, and then on the other Nodes', () => {
    const command = 'npm ci && npm run check'
    expect(blocks.some(({ text }) => text === `${command}\n`)).toBe(true)
    const gate = readFileSync(path('.ci/run'), 'utf8').trim().split('\n')
    expect(gate.slice(-2)).toEqual([`${command} || exit`, '.ci/nodes'])
  })

  test('it says what every package is for', () => {
    const packages = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })
    expect(packages.filter(name => !name.startsWith('@types/') && !readme.includes(`\`${name}\``))).toEqual(
      [],
    )
  })

  test('it names every room, in the order of the river', () => {
    const rooms = readdirSync(path('src'), { withFileTypes: true }).filter(entry => entry.isDirectory())
    const rows = [...readme.matchAll(/^\| `(\w+)\/` \|/gm)].map(([, room]) => room)
    expect(new Set(rows)).toEqual(new Set(rooms.map(room => room.name)))
    expect(rows).toEqual([
      'model',
      'parse',
      'map',
      'validate',
      'deliver',
      'journal',
      'reconcile',
      'report',
      'sandbox',
      'run',
      'cli',
    ])
  })

  test('its session is what happens', async () => {
    const cwd = temporaryFolder()
    const [csv] = blocks.filter(({ language }) => language === 'csv')
    const [planned, imported] = blocks.filter(
      ({ language, text }) => language === '' && /^(?:Plan|Finished)/.test(text),
    )
    writeFileSync(join(cwd, 'boxes.csv'), csv?.text ?? '')
    expect((await trackSync(['plan', 'boxes.csv'], { cwd })).stdout).toBe(planned?.text)
    const steady = (text = '') =>
      text.replace(/in (?:less than a second|\d+ s), [\d.]+ a minute/, 'PACE').replace(/\d{8}-\d{6}/, 'TIME')
    expect(steady((await trackSync(['import', 'boxes.csv', '--sandbox'], { cwd })).stdout)).toBe(
      steady(imported?.text),
    )
  })

  test('every flag it uses exists', () => {
    const flags = new Set(settings.map(({ name }) => `--${name}`).concat('--help', '--version', '--global'))
    const used = blocks
      .filter(({ language }) => language === 'sh')
      .flatMap(({ text }) => text.match(/--[a-z0-9-]+/g) ?? [])
    expect(used.filter(flag => !flags.has(flag))).toEqual([])
  })

  test('it names the variables that a host and a key come from', () => {
    for (const name of [...namedVariables, 'BRAZE_API_KEY', 'TRACK_SYNC_']) expect(readme).toContain(name)
  })
})

describe('the help', () => {
  test('of each command names its settings with their defaults', () => {
    const program = createProgram(() => {})
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
    const files = readdirSync(path('src/reconcile')).map(file =>
      readFileSync(path(`src/reconcile/${file}`), 'utf8'),
    )
    expect(Object.keys(reasons).filter(code => !files.join('\n').includes(`'${code}'`))).toEqual([])
  })
})

describe('the changelog', () => {
  test('speaks of this version', () => {
    expect(readFileSync(path('CHANGELOG.md'), 'utf8')).toMatch(new RegExp(`^## ${manifest.version}\\b`, 'm'))
  })
})
