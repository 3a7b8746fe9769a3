import type { RunFacts } from '../model/run-facts.ts'
import type { Summary } from '../model/summary.ts'
import { wrap } from './layout.ts'
import { count } from './text.ts'

/** What is left for somebody to do after a run, with the file of its folder that each thing starts from. */
export function toDoLines({ objects, status, damage }: Summary, facts: RunFacts): string[] {
  // A run that did not finish is gone on with first; what it leaves is known then. One whose journal is damaged is over.
  if (status !== 'finished' && damage === undefined) return []
  const unknown = objects.unknown - (damage?.rows ?? 0)
  const files = facts.planned?.files ?? []
  const suffix = files.some(({ header }) => header !== null) ? 'csv' : 'ndjson'
  const mend = objects.rejected + objects.invalid + objects.held
  const lines = [
    [
      objects.mismatched,
      `values.csv says of ${count(objects.mismatched, 'row')} what was asked and what is held`,
    ],
    [mend, `rejects.${suffix} has ${count(mend, 'row')} as in the input: mend and import`],
    [
      unknown,
      `unknown.${suffix} has ${count(unknown, 'row')}: look at the profiles before you send them again`,
    ],
  ] as const
  return lines.flatMap(([rows, text], i) => {
    const isFirst = lines.slice(0, i).every(([before]) => before === 0)
    return rows === 0 ? [] : wrap(`  ${isFirst ? 'to do' : '     '}     ${text}`, 12)
  })
}
