import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gather } from '../../src/cli/gather-settings.ts'
import { commandNames } from '../../src/cli/commands.ts'
import { createProgram } from '../../src/cli/program.ts'
import { TrackSyncError } from '../../src/index.ts'
import { checkOptions, checkValue } from '../../src/options/check-options.ts'
import { conflicts } from '../../src/options/conflicts.ts'
import { type Setting, settings, settingsFor } from '../../src/options/settings.ts'
import { defaults, isOption, optionOf, resumeSettings, rows } from '../../src/options/all-options.ts'
import { goodValues, nonsense } from '../support/option-values.ts'
import { temporaryFolder } from '../support/run-folder.ts'

const folder = temporaryFolder()
const runs = { numRuns: 12 }
const inFile = ({ notInFile }: Setting) => notInFile !== true
/** Any text will do for these, so that none of it can be wrong. */
const free = new Set(['nullToken'])
/** Text that is nothing to any of the others. */
const noText = (setting: Setting) => (isPath(setting) ? '' : '¿no?')
const isPath = ({ form }: Setting) => form.text?.read !== undefined && accepts(form, '¿no?')

describe('every option says the same in every form', () => {
  test.each(settings.map(setting => [setting.option, setting] as const))('%s', async (name, setting) => {
    const good = goodValues[name]
    if (good === undefined) throw new Error(`There are no values to try ${name} with.`)
    await fc.assert(
      fc.asyncProperty(good, async value => {
        expect(checkValue(setting.form, value, name)).toEqual(value)
        const texts = setting.form.text?.write(value) ?? []
        expect(texts.length, 'the value can be written').toBeGreaterThan(0)
        // A flag that takes no value cannot say off.
        if (setting.value !== undefined || value === true) {
          expect((await given(setting, { args: flags(setting, texts) })).values).toEqual({ [name]: value })
        }
        if (texts.length === 1) {
          const env = { [setting.env]: texts[0] ?? '' }
          // Text that is empty is a variable that says nothing.
          if (texts[0] !== '') expect((await given(setting, { env })).values).toEqual({ [name]: value })
        }
        if (!inFile(setting)) return
        const line = setting.repeats === true ? JSON.stringify(texts) : scalar(texts[0] ?? '')
        const read = await given(setting, { file: `${setting.name}: ${line}\n` })
        expect(read.values[name]).toEqual(value)
      }),
      runs,
    )
  })
})

describe('a bad value is an error that names the option, in every form', () => {
  test.each(settings.map(setting => [setting.option, setting] as const))('%s', async (name, setting) => {
    for (const value of nonsense) expect(thrown(() => checkValue(setting.form, value, name))).toBeNamed(name)
    if (free.has(name)) return
    const text = noText(setting)
    if (setting.value !== undefined) {
      const said = await failure(given(setting, { args: [`--${setting.name}=${text}`] }))
      expect(said).toBeNamed(setting.name)
    }
    if (text !== '') {
      const said = await failure(given(setting, { env: { [setting.env]: text } }))
      expect(said).toBeNamed(setting.name)
      expect(said.message).toContain(setting.env)
    }
    if (!inFile(setting) || setting.repeats === true) return
    const said = await failure(given(setting, { file: `# settings\n${setting.name}: ${scalar(text)}\n` }))
    expect(said).toBeNamed(setting.name)
    expect(said.problem).toMatchObject({ line: 2, file: expect.stringContaining('.yaml') })
    expect(said.message).toContain('.yaml, line 2')
  })

  test('and those that only a program can give are looked at, too', () => {
    for (const [name, { form }] of rows) {
      for (const value of nonsense) expect(thrown(() => checkValue(form, value, name))).toBeNamed(name)
    }
  })

  test('a secret is never in the error', () => {
    for (const [name, { form }] of rows) {
      if (form.secret !== true) continue
      for (const value of ['ftp://MARKER@host', { MARKER: 1 }, ['MARKER']]) {
        const error = thrown(() => checkOptions('importFiles', { [name]: value }))
        expect(JSON.stringify([error, (error as Error).message])).not.toContain('MARKER')
      }
    }
  })

  test.each([
    ['id', ['email=a', 'email=b'], { email: 'a' }],
    ['type', ['age=integer', 'age=number'], { age: 'integer' }],
    ['reading', ['arrayMax=7', 'arrayMax=25'], { arrayMax: 7 }],
  ])('a name that --%s is given twice with two values is refused', (flag, [one = '', other = ''], value) => {
    const text = settings.find(({ name }) => name === flag)?.form.text
    expect(thrown(() => text?.read([one, other], flag))).toBeNamed(flag)
    expect(text?.read([one, one], flag)).toEqual(value)
  })
})

describe('the table', () => {
  test('has defaults that are values of their own form', () => {
    for (const [name, { form, default: value }] of rows) {
      if (value !== undefined) expect(checkValue(form, value, name)).toEqual(value)
    }
    expect(defaults).toMatchObject({ concurrency: 50, maxErrors: 100, order: 'user', runsDir: 'reports' })
  })

  test('keeps nothing that is secret, and lets nothing change in a resume that decides what is sent', () => {
    for (const [name, { form, journaled, resumable, identity }] of rows) {
      expect(form.secret === true && journaled !== undefined, name).toBe(false)
      expect(resumable === true && identity === true, name).toBe(false)
      // What makes a run another must be known of it.
      if (identity === true) expect(journaled, name).toBe(true)
    }
    expect(resumeSettings).toContain('proxy')
    expect(optionOf('proxy').journaled).toBeUndefined()
  })

  test('has a flag for resume wherever a resume may change a setting', () => {
    const ofResume = new Set(settingsFor('resume').map(({ option }) => option))
    expect(resumeSettings.filter(name => !ofResume.has(name))).toEqual([])
  })

  test('has one flag, one variable and one line of the file for each setting', () => {
    // Of one command: `settle` is patience in an import, and a delay in the sandbox.
    for (const command of commandNames) {
      for (const key of ['name', 'env'] as const) {
        const all = settingsFor(command).map(setting => setting[key])
        expect(new Set(all).size).toBe(all.length)
      }
    }
  })

  test('is what conflicts speak of', () => {
    expect(conflicts.flatMap(({ between }) => between).filter(name => !isOption(name))).toEqual([])
  })
})

expect.extend({
  toBeNamed(error: unknown, name: string) {
    const is = error instanceof TrackSyncError && (error.problem.field ?? '').split('.')[0] === name
    const told = is && (error.problem.expected ?? '') !== '' && (error.problem.came ?? '') !== ''
    return {
      pass: told,
      message: () => `${String(error)} should name ${name}, what was expected and what came`,
    }
  },
})
declare module 'vitest' {
  interface Matchers<T> {
    toBeNamed: (name: string) => T
  }
}

/** The settings of a command, said as flags, in the environment or in a file. */
async function given(setting: Setting, { args = [], env = {}, file = '' }: Partial<Said>) {
  const [name = 'import'] = setting.commands
  const program = await createProgram()
  const command = program.commands.find(one => one.name() === name) ?? new Command()
  let gathered: Awaited<ReturnType<typeof gather>> = { values: {}, origins: new Map() }
  const path = join(folder, 'settings.yaml')
  writeFileSync(path, file)
  const config: Record<string, string> = file === '' ? {} : { TRACK_SYNC_CONFIG: path }
  // A file that is named is a setting, too; what the table says of it is not what is asked here.
  const known = settingsFor(name).filter(({ option }) => option !== 'config' || setting.option === 'config')
  command.action(async () => void (gathered = await gather(command, known, { ...config, ...env })))
  const operand = name === 'sandbox' ? [] : ['operand']
  await program.parseAsync([name, ...operand, ...args], { from: 'user' })
  return gathered
}

interface Said {
  args: string[]
  env: Record<string, string>
  file: string
}

function flags({ name, value }: Setting, texts: readonly string[]): string[] {
  return value === undefined ? [`--${name}`] : texts.map(text => `--${name}=${text}`)
}

/** As people write it: without quotation marks where YAML needs none. */
function scalar(text: string): string {
  return /^[\w.%/][\w.%/-]*$/.test(text) ? text : JSON.stringify(text)
}

function accepts(form: Setting['form'], text: string): boolean {
  try {
    form.text?.read([text], 'x')
    return true
  } catch {
    return false
  }
}

function thrown(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}

async function failure(work: Promise<unknown>): Promise<TrackSyncError> {
  const error: unknown = await work.then(
    () => new Error('nothing was wrong'),
    (reason: unknown) => reason,
  )
  if (error instanceof TrackSyncError) return error
  throw error
}
