import type { Kind } from '../model/fields.ts'
import type { ReasonCode } from '../model/verdict.ts'
import type { Memory } from './memory.ts'

/** Answers that leave a name out before it is called blocklisted: one is chance, two may be one bad row sent twice. */
const blocklistedFrom = 3

/**
 * The reason for a name that the answer does not list. Where it lists another name in its place (`othersListed`) the
 * answer is the strange thing, and proves nothing about the name itself.
 */
export function missingReason(kind: Kind, name: string, othersListed: boolean, memory: Memory): ReasonCode {
  if (othersListed) return 'extra_key'
  return memory.missedName(kind, name) >= blocklistedFrom ? 'maybe_blocklisted' : 'key_missing'
}
