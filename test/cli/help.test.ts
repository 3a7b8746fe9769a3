import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { createProgram } from '../../src/cli/program.ts'
import { settingsFor } from '../../src/options/settings.ts'

/** What `--help` prints: of the program, or of a command of it. */
async function help(...args: string[]): Promise<string[]> {
  let text = ''
  const program = await createProgram()
  const write = (more: string) => (text += more)
  for (const command of [program, ...program.commands]) {
    command.configureOutput({ writeOut: write, getOutHelpWidth: () => 80, getOutHasColors: () => false })
  }
  await program.parseAsync([...args, '--help'], { from: 'user' }).catch(() => {})
  return text.trimEnd().split('\n')
}

const commands = ['plan', 'import', 'resume', 'report', 'sandbox'] as const

describe('the help', () => {
  test.each([[], ...commands.map(name => [name])])('fits 80 columns (%s)', async (...args) => {
    const lines = await help(...args)
    expect(lines.length).toBeGreaterThan(10)
    expect(lines.filter(line => stringWidth(line) > 80)).toEqual([])
  })

  test('is short: a command of many settings needs little more than a line for each', async () => {
    for (const name of commands) {
      const settings = settingsFor(name).length
      expect((await help(name)).length, name).toBeLessThan(settings * 1.5 + 20)
    }
  })

  test.each(commands)('of %s says what it does, its settings in groups, and examples', async name => {
    const text = (await help(name)).join('\n')
    expect(text).toMatch(new RegExp(`^Usage: track-sync ${name} `))
    for (const group of new Set(settingsFor(name).map(setting => setting.group)))
      expect(text).toMatch(new RegExp(`^${group}:$`, 'm'))
    for (const { name: flag, value } of settingsFor(name))
      expect(text).toContain(`  --${flag}${value === undefined ? ' ' : ` ${value}`}`)
    expect(text).toMatch(new RegExp(`^Examples:\\n  track-sync ${name} `, 'm'))
    expect(text).toContain('TRACK_SYNC_MAX_ERRORS')
  })

  test('of them all names every command and every exit code', async () => {
    const text = (await help()).join('\n')
    for (const name of commands) expect(text).toMatch(new RegExp(`^  ${name} `, 'm'))
    for (const code of [0, 1, 2, 3, 4, 5, 6, 70, 130, 143])
      expect(text).toMatch(new RegExp(`^ +${code}  `, 'm'))
  })

  test('examples use settings that the command has', async () => {
    for (const name of commands) {
      const own = new Set(settingsFor(name).map(setting => `--${setting.name}`))
      const examples = (await help(name)).filter(line => line.startsWith(`  track-sync ${name} `))
      const used = examples.flatMap(line => line.match(/--[a-z-]+/g) ?? [])
      expect(used.filter(flag => !own.has(flag))).toEqual([])
    }
  })
})
