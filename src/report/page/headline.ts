import { outcomeNames, outcomes } from '../../model/outcome.ts'
import type { RunFacts } from '../../model/run-facts.ts'
import type { Summary } from '../../model/summary.ts'
import { count, number, verdictOnRun } from '../text.ts'

/** How the run went, in one sentence for someone who knows nothing of it: as far as it came, and how it stands. */
export function headline(summary: Summary, facts: RunFacts): string {
  const { objects } = summary
  const { stop, planned, status } = facts
  if (planned === null) return `Stopped while the files were read; nothing was sent.${whyOf(facts)}`
  const came = `after ${number(objects.total - objects.notSent)} of ${count(objects.total, 'row')}`
  if (stop?.exit === 'interrupted' || stop?.exit === 'terminated') return `Interrupted ${came}.`
  if (stop !== null) return `Stopped ${came}: ${stop.message}`
  if (status !== 'finished') return `The process ended before the run did, ${came}.`
  if (objects.total === 0) return 'Finished; there were no rows.'
  const needing = outcomeNames.filter(name => outcomes[name].attention)
  const attention = needing.reduce((sum, name) => sum + objects[outcomes[name].key], 0)
  if (attention === 0) return verdictOnRun(summary, facts)
  return `Finished; ${number(attention)} of ${count(objects.total, 'row')} need${attention === 1 ? 's' : ''} attention.`
}

function whyOf({ stop }: RunFacts): string {
  const isOfUser = stop?.exit === 'interrupted' || stop?.exit === 'terminated'
  return stop === null || isOfUser ? '' : ` ${stop.message}`
}
