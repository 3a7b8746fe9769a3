import { readFileSync } from 'node:fs'
import { createProgram } from '../../src/cli/program.ts'
import { exits, outcomes, problemCodes, type ReasonCode, readings, reasons } from '../../src/index.ts'
import { type NetworkCause, networkCauses, networkFamilies } from '../../src/model/network.ts'
import { leftReasons } from '../../src/model/undo-plan.ts'
import { meaningOf as outcomeMeaning } from '../../src/model/outcome.ts'
import { wordsOn } from '../../src/model/verdict.ts'
import { families, statuses, steps } from '../../src/braze/statuses.ts'
import { prefix, type Setting, settings } from '../../src/options/settings.ts'

/** What becomes of a request that was lost with a code of the network. */
const fates: Record<NetworkCause['works'], string> = {
  later: 'retry',
  never: 'the run stops',
  'never at first': 'the run stops, unless the host has responded before',
}

const codes = Object.keys(reasons) as ReasonCode[]

/** The tables of the reference pages, made from the tables of the code. */
export const referenceTables: Record<string, string> = {
  commands: table(
    ['Command', 'What it does'],
    (await createProgram()).commands.map(command => {
      const operands = command.registeredArguments.map(one => ` <${one.name()}${one.variadic ? '...' : ''}>`)
      return [`\`track-sync ${command.name()}${operands.join('')}\``, command.description()]
    }),
  ),
  'settings-reading': settingsTable('Reading'),
  'settings-sending': settingsTable('Sending'),
  'settings-lookups': settingsTable('Lookups'),
  'settings-stopping': settingsTable('Stopping'),
  'settings-output': settingsTable('Output'),
  'settings-sandbox': settingsTable('Sandbox'),
  outcomes: table(
    ['Outcome', 'Meaning', 'Needs attention', 'Counts for `--max-errors`', 'Original record'],
    Object.entries(outcomes).map(([name, { means, attention, errorBudget, reject }]) => {
      return [`\`${name}\``, means, yes(attention), yes(errorBudget), reject === null ? '' : `\`${reject}\``]
    }),
  ),
  'audit-outcomes': table(
    ['Outcome', 'Meaning', 'Exit code'],
    (['verified', 'unverifiable', 'mismatched', 'invalid', 'unknown', 'not_sent'] as const).map(name => {
      const code =
        name === 'unknown' ? exits.unknown.code : outcomes[name].attention ? exits.attention.code : 0
      return [`\`${name}\``, outcomeMeaning(name, 'profiles'), String(code)]
    }),
  ),
  'audit-reasons': table(
    ['Reason', 'Meaning', 'What to do'],
    codes.flatMap(code => {
      const { means, next } = wordsOn(code, 'profiles')
      return means === reasons[code].means ? [] : [[`\`${code}\``, means, next]]
    }),
  ),
  exits: table(
    ['Code', 'Meaning'],
    Object.values(exits)
      .toSorted((a, b) => a.code - b.code)
      .map(({ code, means }) => [String(code), means]),
  ),
  reasons: table(
    ['Reason', 'Verdict', 'Meaning'],
    Object.entries(reasons).map(([name, { verdict, means }]) => [`\`${name}\``, `\`${verdict}\``, means]),
  ),
  differing: table(
    ['Reason', 'Meaning', 'What to do'],
    Object.entries(reasons).flatMap(([name, { counts, means, next }]) => {
      return counts === 'differ' ? [[`\`${name}\``, means, next]] : []
    }),
  ),
  statuses: table(
    ['Status', 'Meaning', 'Applied', 'What follows', 'Source'],
    Object.entries({ ...statuses, ...families }).map(([code, { means, applied, follows, source }]) => {
      return [code, means, applied, steps[follows], source]
    }),
  ),
  network: table(
    ['Code', 'Meaning', 'What follows', 'What to do'],
    Object.entries({ ...networkCauses, ...networkFamilies }).map(([code, { means, works, next }]) => {
      return [`\`${code}${code.endsWith('_') ? '…' : ''}\``, means, fates[works], next]
    }),
  ),
  readings: table(
    ['Reading', 'Question', 'Default', 'Also', 'Source'],
    Object.entries(readings).map(([name, row]) => [
      `\`${name}\``,
      row.question,
      `\`${row.default}\``,
      row.others.map(other => `\`${other}\``).join(', '),
      row.source,
    ]),
  ),
  problems: table(
    ['Code', 'Ends', 'Meaning'],
    Object.entries(problemCodes).map(([name, { scope, means }]) => [`\`${name}\``, `the ${scope}`, means]),
  ),
  left: table(
    ['Reason', 'Why it stays'],
    Object.entries(leftReasons).map(([name, means]) => [`\`${name}\``, means]),
  ),
  doors: table(
    ['File', 'What it touches'],
    doors().map(([file, touches]) => [`\`src/${file}\``, touches]),
  ),
}

/** The environment variables that do not follow from the name of a setting. */
export const namedVariables = settings.flatMap(({ env }) => (env.startsWith(prefix) ? [] : [env]))

/** The settings of one group of the help. */
function settingsTable(group: Setting['group']): string {
  return table(
    ['Setting', 'Commands', 'Default', 'Meaning'],
    settings
      .filter(setting => setting.group === group)
      .map(setting => [
        `\`--${setting.name}${setting.value === undefined ? '' : ` ${setting.value}`}\``,
        setting.commands.join(', '),
        setting.default,
        meaningOf(setting),
      ]),
  )
}

/** The doors as the test that holds them has them. */
function doors(): [string, string][] {
  const test = readFileSync(new URL('../architecture.test.ts', import.meta.url), 'utf8')
  const [, listed = ''] = /const doors: [^=]*= \{\n([\s\S]*?)\n\}/.exec(test) ?? []
  return [...listed.matchAll(/'([^']+)': '([^']+)'/g)].map(([, file = '', touches = '']) => [file, touches])
}

function yes(is: boolean): string {
  return is ? 'yes' : ''
}

function meaningOf({ means, more }: Setting): string {
  return more === undefined ? means : `${means}; ${more}`
}

function table(heads: string[], rows: string[][]): string {
  const escape = (cell: string) => cell.replaceAll('|', '\\|')
  const lines = [heads, heads.map(() => '---'), ...rows.map(row => row.map(escape))]
  return lines.map(cells => `| ${cells.join(' | ')} |`).join('\n')
}
