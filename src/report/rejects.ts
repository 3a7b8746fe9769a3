import type { Account } from '../model/account.ts'
import { outcomes } from '../model/outcome.ts'
import type { PlanFile } from '../model/plan.ts'

/** A file that original records go to, so that they can be mended and fed back in. */
export interface RejectFile {
  /** `rejects.csv`, `unknown.ndjson`, …; `rejects-2.csv` for CSV files of another header. */
  name: string
  /** What stands at its top: the input's own header. */
  header: Uint8Array
}

/** Says where the original record of an account goes, and as which bytes; null where it need not be kept. */
export function createRejects(
  files: readonly PlanFile[],
): (account: Account) => { file: RejectFile; bytes: Uint8Array } | null {
  const headers: Buffer[] = []
  const byPath = new Map<string, { suffix: string; header: Uint8Array; json: boolean }>()
  for (const { path, header } of files) {
    if (header === null) {
      byPath.set(path, { suffix: '.ndjson', header: new Uint8Array(), json: true })
      continue
    }
    const own = Buffer.from(header)
    const known = headers.findIndex(other => other.equals(own))
    const number = known < 0 ? headers.push(own) : known + 1
    byPath.set(path, {
      suffix: number === 1 ? '.csv' : `-${number}.csv`,
      header: withLineEnd(own),
      json: false,
    })
  }
  return account => {
    const { reject } = outcomes[account.outcome]
    const target = byPath.get(account.file)
    if (reject === null || target === undefined || account.raw === null) return null
    const raw = target.json ? onOneLine(account.raw) : account.raw
    return { file: { name: `${reject}${target.suffix}`, header: target.header }, bytes: withLineEnd(raw) }
  }
}

function withLineEnd(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes, Buffer.from('\n')])
}

/** JSON knows line ends between its parts only, so a record over several lines is the same record on one. */
function onOneLine(bytes: Uint8Array): Uint8Array {
  return bytes.includes(10) ? bytes.map(byte => (byte === 10 || byte === 13 ? 32 : byte)) : bytes
}
