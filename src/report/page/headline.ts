import type { RunFacts } from '../../model/run-facts.ts'
import type { Summary } from '../../model/summary.ts'
import { count, number, verdictOnRun } from '../text.ts'

/** How the run went, in one sentence for someone who knows nothing of it: as far as it came, and how it stands. */
export function headline(summary: Summary, facts: RunFacts): string {
  const { objects } = summary
  const { stop, planned, status } = facts
  if (summary.damage !== undefined) return verdictOnRun(summary, facts)
  if (planned === null) return `Stopped while the files were read; nothing was sent.${whyOf(facts)}`
  const came = `after ${number(objects.total - objects.notSent)} of ${count(objects.total, 'row')}`
  if (stop?.exit === 'interrupted' || stop?.exit === 'terminated') return `Interrupted ${came}.`
  if (stop !== null) return `Stopped ${came}: ${stop.message}`
  if (status !== 'finished') return `The process ended before the run did, ${came}.`
  if (objects.total === 0) return 'Finished; there were no rows.'
  return verdictOnRun(summary, facts)
}

function whyOf({ stop }: RunFacts): string {
  const isOfUser = stop?.exit === 'interrupted' || stop?.exit === 'terminated'
  return stop === null || isOfUser ? '' : ` ${stop.message}`
}
