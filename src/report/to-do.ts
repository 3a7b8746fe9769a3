import type { Summary } from '../model/summary.ts'
import { wrap } from './layout.ts'
import { count } from './summary-text.ts'

/** What is left for somebody to do after a run, with the files of its folder that each thing starts from. */
export function toDoLines({ objects, status, damage }: Summary, files: readonly string[]): string[] {
  // A run that did not finish is gone on with first; what it leaves is known then. One whose journal is damaged is over.
  if (status !== 'finished' && damage === undefined) return []
  const unknown = objects.unknown - (damage?.rows ?? 0)
  const mend = objects.rejected + objects.invalid + objects.held
  const lines = [
    [
      objects.mismatched,
      `values.csv says of ${count(objects.mismatched, 'row')} what was asked and what is held`,
    ],
    [mend, `${holding(files, 'rejects')} ${count(mend, 'row')} as in the input: mend and import`],
    [
      unknown,
      `${holding(files, 'unknown')} ${count(unknown, 'row')}: look at the profiles before you send them again`,
    ],
  ] as const
  return lines.flatMap(([rows, text], i) => {
    const isFirst = lines.slice(0, i).every(([before]) => before === 0)
    return rows === 0 ? [] : wrap(`  ${isFirst ? 'to do' : '     '}     ${text}`, 12)
  })
}

/** `rejects.csv has`, or `rejects.csv and rejects.ndjson have`: as they were written. */
function holding(files: readonly string[], stem: 'rejects' | 'unknown'): string {
  const names = recordFiles(files, stem)
  if (names.length === 0) return 'the input has'
  return `${names.join(' and ')} ${names.length === 1 ? 'has' : 'have'}`
}

/** The files that hold the original records of rows, of all files of a report. */
export function recordFiles(files: readonly string[], stem: 'rejects' | 'unknown'): string[] {
  return files.filter(name => name.startsWith(stem)).toSorted()
}
