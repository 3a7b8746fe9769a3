import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CommanderError } from 'commander'
import { describe, expect, test } from 'vitest'
import { findRun } from '../../src/cli/find-run.ts'
import { requestedFormat } from '../../src/cli/requested-format.ts'
import { commandNames } from '../../src/cli/commands.ts'
import { createProgram } from '../../src/cli/program.ts'
import { unknownVariables, usageError } from '../../src/cli/usage.ts'
import { temporaryFolder } from '../support/run-folder.ts'

const folder = temporaryFolder()

/** What is said of arguments that cannot be read. */
async function said(...args: string[]): Promise<string> {
  try {
    const program = await createProgram({ writeErr: () => {} })
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError)
      return usageError(error, commandNames.find(name => name === args[0]) ?? '', commandNames).message
    throw error
  }
  throw new Error('nothing was wrong')
}

describe('the nearest right word is named', () => {
  test.each([
    [['improt', 'a.csv'], "unknown command 'improt'. Did you mean import?"],
    [['import', 'a.csv', '--sandbxo'], "unknown option '--sandbxo'. Did you mean --sandbox?"],
    [['import', 'a.csv', '--max-error=5'], "unknown option '--max-error'. Did you mean --max-errors?"],
    [['resume', 'latest', '--concurency', '5'], "unknown option '--concurency'. Did you mean --concurrency?"],
    [['plan', 'a.csv', '--zzz'], "unknown option '--zzz'."],
    [['plan', 'a.csv', '--sandbox'], "unknown option '--sandbox': it is a setting of import, not of plan."],
    [['import', 'a.csv', '--api-key', 'k'], /^unknown option '--api-key'\. The key is never a flag/],
    [['import', 'a.csv', '--dry-run'], /^unknown option '--dry-run'\. The dry run is a command/],
    [['import'], "missing required argument 'file'."],
  ] as const)('%j', async (args, message) => {
    expect(await said(...args)).toMatch(
      message instanceof RegExp ? message : new RegExp(`^${escape(message)}$`),
    )
  })

  test('of a run', async () => {
    writeFileSync(join(folder, '20261123-boxes'), '')
    await expect(findRun(folder, '20261123-boxs')).rejects.toThrow('Did you mean `20261123-boxes`?')
    await expect(findRun(folder, 'latets')).rejects.toThrow('Did you mean `latest`?')
    await expect(findRun(folder, 'something else')).rejects.toThrow(/^((?!Did you).)*$/)
  })

  test('of a variable, where it is nearly one of ours; all that begin as ours are told of', () => {
    const env = { TRACK_SYNC_MAX_ERORS: '1', TRACK_SYNC_SOMETHING_ELSE: '1', TRACK_SYNC_RATE: '1', PATH: '' }
    expect(unknownVariables(env)).toEqual([
      'TRACK_SYNC_MAX_ERORS is not a setting and has no effect. Did you mean TRACK_SYNC_MAX_ERRORS?',
      'TRACK_SYNC_SOMETHING_ELSE is not a setting and has no effect.',
    ])
    expect(
      unknownVariables({ TRACK_SYNC_URL: 'https://x', TRACK_SYNC_API_KEY: 'k', BRAZE_API_URL: '' }),
    ).toEqual([
      'TRACK_SYNC_URL is not a setting and has no effect. Did you mean BRAZE_API_URL?',
      'TRACK_SYNC_API_KEY is not a setting and has no effect. Did you mean BRAZE_API_KEY?',
    ])
  })
})

describe('the form that errors come in is known before the arguments are read', () => {
  const config = join(folder, 'settings.yaml')
  writeFileSync(config, 'quiet: true\nlog-format: json\n')
  test.each([
    [['import', '--log-format', 'json', '--nope'], {}, 'json'],
    [['import', '--log-format=json'], {}, 'json'],
    [['import', '--log-format=json', '--log-format', 'text'], {}, 'text'],
    [['import'], { TRACK_SYNC_LOG_FORMAT: 'json' }, 'json'],
    [['import', '--config', config], {}, 'json'],
    [['import', '--config', 'nope.yaml'], {}, 'text'],
    [['import'], {}, 'text'],
  ])('%j', (args, env, logFormat) => {
    expect(requestedFormat(args, env)).toEqual({ logFormat, color: true })
  })

  test('and so are colours', () => {
    expect(requestedFormat(['plan', '--no-color'], {}).color).toBe(false)
    expect(requestedFormat(['plan'], { TRACK_SYNC_NO_COLOR: '1' }).color).toBe(false)
  })
})

function escape(text: string): string {
  return text.replaceAll(/[.?*()[\]]/g, String.raw`\$&`)
}
