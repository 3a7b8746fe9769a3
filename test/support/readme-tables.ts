import { exits, outcomes, problemCodes, readings, reasons } from '../../src/index.ts'
import { families, statuses, steps } from '../../src/model/status.ts'
import { prefix, type Setting, settings } from '../../src/options/settings.ts'

/** The tables of the README, made from the tables of the code. */
export const readmeTables: Record<string, string> = {
  settings: table(
    ['Setting', 'Default', 'Meaning'],
    settings
      .filter(setting => setting.group !== 'Sandbox')
      .map(setting => [
        `\`--${setting.name}${setting.value === undefined ? '' : ` ${setting.value}`}\``,
        setting.default,
        meaningOf(setting),
      ]),
  ),
  'sandbox-settings': table(
    ['Setting', 'Default', 'Meaning'],
    settings
      .filter(setting => setting.group === 'Sandbox')
      .map(setting => [`\`--${setting.name} ${setting.value}\``, setting.default, meaningOf(setting)]),
  ),
  outcomes: table(
    ['Outcome', 'Meaning'],
    Object.entries(outcomes).map(([name, { means }]) => [`\`${name}\``, means]),
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
  statuses: table(
    ['Status', 'Meaning', 'Applied', 'What follows', 'Source'],
    Object.entries({ ...statuses, ...families }).map(([code, { means, applied, follows, source }]) => {
      return [code, means, applied, steps[follows], source]
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
}

/** The environment variables that do not follow from the name of a setting. */
export const namedVariables = settings.flatMap(({ env }) => (env.startsWith(prefix) ? [] : [env]))

function meaningOf({ means, more }: Setting): string {
  return more === undefined ? means : `${means}; ${more}`
}

function table(heads: string[], rows: string[][]): string {
  const escape = (cell: string) => cell.replaceAll('|', '\\|')
  const lines = [heads, heads.map(() => '---'), ...rows.map(row => row.map(escape))]
  return lines.map(cells => `| ${cells.join(' | ')} |`).join('\n')
}
