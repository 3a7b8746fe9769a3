import type { Summary } from '../model/summary.ts'
import { wrap } from './layout.ts'
import { count } from './summary-text.ts'

/** What is left to do after a run, each line with the files to start from. */
export function toDoLines({ objects, status, damage, mode }: Summary, files: readonly string[]): string[] {
  // An unfinished run is resumed first; what it leaves to do is known then. One with a damaged journal cannot be resumed.
  if (status !== 'finished' && damage === undefined) return []
  const unknown = objects.unknown - (damage?.rows ?? 0)
  const fixable = objects.rejected + objects.invalid + objects.held
  const isAudit = mode === 'audit'
  const fix = `fix ${fixable === 1 ? 'it' : 'them'}, then ${isAudit ? 'audit' : 'import'} ${fileOf(files, 'rejects')}`
  const check = isAudit
    ? `the ${unknown === 1 ? 'profile' : 'profiles'} could not be read; audit ${fileOf(files, 'unknown')}`
    : 'check the profiles before you send them again'
  const differing = count(objects.mismatched, 'row')
  const compare = isAudit
    ? `values.csv has the values of ${differing} beside what the profile holds`
    : `values.csv shows what ${differing} requested and what the profile holds`
  const lines = [
    [objects.mismatched, compare],
    [fixable, `${holding(files, 'rejects')} ${count(fixable, 'row')}: ${fix}`],
    [unknown, `${holding(files, 'unknown')} ${count(unknown, 'row')}: ${check}`],
  ] as const
  return lines.flatMap(([rows, text], i) => {
    const isFirst = lines.slice(0, i).every(([before]) => before === 0)
    return rows === 0 ? [] : wrap(`  ${isFirst ? 'to do' : '     '}     ${text}`, 12)
  })
}

function fileOf(files: readonly string[], stem: 'rejects' | 'unknown'): string {
  const names = recordFiles(files, stem)
  if (names.length === 0) return 'it again'
  return names.length === 1 ? 'the file' : 'the files'
}

/** `rejects.csv has`, or `rejects.csv and rejects.ndjson have`. */
function holding(files: readonly string[], stem: 'rejects' | 'unknown'): string {
  const names = recordFiles(files, stem)
  if (names.length === 0) return 'the input has'
  return `${names.join(' and ')} ${names.length === 1 ? 'has' : 'have'}`
}

/** Of all files of a report, those that hold the original records of rows. */
export function recordFiles(files: readonly string[], stem: 'rejects' | 'unknown'): string[] {
  return files.filter(name => name.startsWith(stem)).toSorted()
}
