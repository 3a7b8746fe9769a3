import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { audit, type AuditOptions, type Receipt } from '../../src/index.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { hastyClock } from './hasty-clock.ts'
import type { ReadOnlyHost } from './read-only-host.ts'

let made = 0

/** Audits of files in a folder. Each is held to write nothing. */
export function auditsIn(cwd: string) {
  function file(ending: string, text: string): string {
    const path = join(cwd, `file ${++made}.${ending}`)
    writeFileSync(path, text)
    return path
  }

  async function auditFiles(host: ReadOnlyHost, options: AuditOptions): Promise<Receipt> {
    const where = { url: host.url, key: 'k', lookupRate: 'off', runsDir: join(cwd, 'runs') } as const
    const receipt = await audit({ ...where, ...options }, hastyClock())
    expect(host.refused).toEqual([])
    return receipt
  }

  async function auditRows(
    host: ReadOnlyHost,
    rows: readonly JsonObject[],
    more: Partial<AuditOptions> = {},
  ): Promise<Receipt> {
    const path = file('ndjson', rows.map(row => `${JSON.stringify(row)}\n`).join(''))
    return await auditFiles(host, { files: [path], ...more })
  }

  return { file, auditFiles, auditRows }
}

/** Rows of users whom nobody knows. */
export function plans(count: number): JsonObject[] {
  return Array.from({ length: count }, (_, i) => ({ external_id: `u${i}`, plan: 'x' }))
}
