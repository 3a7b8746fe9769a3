import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createSandbox } from '../src/index.ts'
import { trackSync } from './support/cli.ts'
import { readCsv, readSummary, sentObjects, temporaryFolder } from './support/run-folder.ts'

const customers = fileURLToPath(new URL('../../shared/data/telco-customer-churn.csv', import.meta.url))
const mapping = fileURLToPath(new URL('../fixtures/telco/mapping.yaml', import.meta.url))

if (existsSync(customers)) {
  test('7,043 real customers: every row is accounted for, sent once, and stored as requested', async () => {
    const sandbox = await createSandbox({ limit: 'off' })
    const cwd = temporaryFolder()
    const env = { BRAZE_API_URL: sandbox.url, BRAZE_API_KEY: 'any' }
    const args = ['import', customers, '--mapping', mapping, '--rate', 'off', '--run-id', 'telco', '--quiet']
    const { code, stderr } = await trackSync(args, { cwd, env })
    expect(code, stderr).toBe(0)

    const run = join(cwd, 'reports', 'telco')
    const summary = readSummary(run)
    expect(summary.objects).toMatchObject({ total: 7043, verified: 7043 })
    const rows = readCsv(join(run, 'rows.csv'))
    expect(rows.length).toBe(7043)
    expect(rows.map(row => Number(row['row']))).toEqual(rows.map((_, i) => i + 1))
    expect(readCsv(join(run, 'values.csv')).length).toBe(summary.values.total)
    // Blank cells are left out: 11 blank totals, 3 customers without a gender, 2 without monthly charges.
    expect(summary.fields['total_charges']?.total).toBe(7043 - 11)
    expect(summary.fields['gender']?.total).toBe(7043 - 3)
    expect(summary.fields['monthly_charges']?.total).toBe(7043 - 2)
    expect(sentObjects(run)[0]).toMatchObject({
      attributes: { external_id: '7590-VHVEG', gender: 'F', churned: false },
    })
    expect(sandbox.profiles().length).toBe(7043)
    await sandbox.close()
  })
} else {
  test('left out: the table of 7,043 customers is not in ../shared/data', () => {
    expect(existsSync(customers)).toBe(false)
  })
}
