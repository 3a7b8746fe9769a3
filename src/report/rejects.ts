import type { Account } from '../model/account.ts'
import { outcomes } from '../model/outcome.ts'
import type { PlanFile } from '../model/plan.ts'
import type { Encoding } from '../model/row.ts'

/** A file of original records, to fix and import again. */
export interface RejectFile {
  /** `rejects.csv`, `unknown.ndjson`, …; `rejects-2.csv` for CSV files of another header or encoding. */
  name: string
  /** Its first line: the input's own header. */
  header: Uint8Array
}

/** The file and the bytes for the original record of an account; null if the record is not kept. */
export function createRejects(
  files: readonly PlanFile[],
): (account: Account) => { file: RejectFile; bytes: Uint8Array } | null {
  const headers: Buffer[] = []
  const byPath = new Map<string, { suffix: string; header: Uint8Array; encoding: Encoding; json: boolean }>()
  for (const { path, header, encoding } of files) {
    if (header === null) {
      byPath.set(path, { suffix: '.ndjson', header: new Uint8Array(), encoding: 'utf-8', json: true })
      continue
    }
    const own = Buffer.concat([marks[encoding] ?? Buffer.alloc(0), withLineEnd(header, encoding)])
    const known = headers.findIndex(other => other.equals(own))
    const number = known < 0 ? headers.push(own) : known + 1
    byPath.set(path, {
      suffix: number === 1 ? '.csv' : `-${number}.csv`,
      header: own,
      encoding,
      json: false,
    })
  }
  return account => {
    const { reject } = outcomes[account.outcome]
    const target = byPath.get(account.file)
    if (reject === null || target === undefined || account.raw === null) return null
    const raw = target.json ? onOneLine(account.raw) : account.raw
    return {
      file: { name: `${reject}${target.suffix}`, header: target.header },
      bytes: withLineEnd(raw, target.encoding),
    }
  }
}

/** Whether the name is that of a reject file. */
export function isRejectFile(name: string): boolean {
  return /^(?:rejects|unknown)(?:-\d+)?\.(?:csv|ndjson)$/.test(name)
}

/** A UTF-16 file begins with a byte order mark. */
const marks: Partial<Record<Encoding, Buffer>> = {
  'utf-16le': Buffer.from([0xff, 0xfe]),
  'utf-16be': Buffer.from([0xfe, 0xff]),
}
const lineEnds: Partial<Record<Encoding, Buffer>> = {
  'utf-16le': Buffer.from([0x0a, 0x00]),
  'utf-16be': Buffer.from([0x00, 0x0a]),
}

function withLineEnd(bytes: Uint8Array, encoding: Encoding): Uint8Array {
  return Buffer.concat([bytes, lineEnds[encoding] ?? Buffer.from('\n')])
}

/** In JSON, line ends occur only between tokens, so a record over several lines can be joined to one. */
function onOneLine(bytes: Uint8Array): Uint8Array {
  return bytes.includes(10) || bytes.includes(13)
    ? bytes.map(byte => (byte === 10 || byte === 13 ? 32 : byte))
    : bytes
}
