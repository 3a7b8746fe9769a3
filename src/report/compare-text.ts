import type { Summary } from '../model/summary.ts'
import { type Change, type ChangeCounts, changeNames, changes } from './changes.ts'
import { type Paint, plain, type Style, table, wrap } from './layout.ts'
import { buckets, count, number } from './summary-text.ts'

/** Two runs side by side for a terminal, and what changed between them. */
export function comparisonText(
  before: Summary,
  now: Summary,
  counts: ChangeCounts,
  file: string,
  paint: Paint = plain,
): string {
  const [valuesBefore, valuesNow] = [buckets(before), buckets(now)]
  const figures: [string, number, number][] = [
    ['rows', before.objects.total, now.objects.total],
    ['values that match', valuesBefore.match, valuesNow.match],
    ['values that differ', valuesBefore.differ, valuesNow.differ],
    ['values not shown', valuesBefore.unverifiable, valuesNow.unverifiable],
  ]
  const figureRows = figures.map(([name, then, current]) => [name, number(then), number(current), ''])
  const changeRows = changeNames.map(name => {
    const figure = number(counts[changes[name].key])
    return [paint(colours[name], changes[name].label.padEnd(labelWidth)), figure, changes[name].means]
  })
  const omitted =
    counts.leftOut === 0
      ? []
      : wrap(
          `  ${count(counts.leftOut, 'more value')} differ and are not included: too many to compare at once.`,
          4,
        )
  const order = before.startedAt > now.startedAt ? ', which started after this one' : ''
  return [
    ...wrap(`Compared with ${before.run}, of ${before.startedAt.slice(0, 10)}${order}.`).map(line =>
      paint('bold', line),
    ),
    ...[before, now].flatMap(({ run, damage }) =>
      damage === undefined
        ? []
        : wrap(`The journal of ${run} is damaged; only what comes before the damage is compared.`),
    ),
    '',
    ...table([['', 'before', 'now', ''], ...figureRows], 2, [1, 2]).flat(),
    '',
    ...table(changeRows, 2, [1]).flat(),
    ...omitted,
    '',
    `  details   ${file}`,
  ].join('\n')
}

const labelWidth = Math.max(...changeNames.map(name => changes[name].label.length))

const colours: Record<Change, Style> = {
  newly_different: 'red',
  repaired: 'green',
  still_different: 'yellow',
  not_compared: 'dim',
}
