import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type AuditOptions, type Receipt, report, summaryText } from '../../src/index.ts'
import { toDoLines } from '../../src/report/to-do.ts'
import { auditsIn, plans } from '../support/audits.ts'
import { readOnlyHost, write } from '../support/read-only-host.ts'
import { readCsv, readEntries, readFiles, temporaryFolder } from '../support/run-folder.ts'

const { file, auditFiles, auditRows } = auditsIn(temporaryFolder())

describe('an audit that is stopped', () => {
  test('in the middle: every row has a line, and nothing is resumed', async () => {
    const host = await readOnlyHost()
    const stop = new AbortController()
    const onProgress: AuditOptions['onProgress'] = ({ ended }) => {
      if (ended === 100) stop.abort({ exit: 'interrupted', message: 'Interrupted.' })
    }
    const { folder, summary, facts } = await auditRows(host, plans(7000), { stop, onProgress })
    const { mismatched, notSent, total } = summary.objects
    expect(summary).toMatchObject({ status: 'interrupted', exitCode: 130 })
    expect(total).toBe(7000)
    expect(mismatched + notSent).toBe(7000)
    expect(notSent).toBeGreaterThan(1000)
    const rows = readCsv(join(folder, 'rows.csv'))
    expect(rows.map(({ row }) => Number(row))).toEqual(plans(7000).map((_, i) => i + 1))
    expect(rows.at(-1)).toMatchObject({ outcome: 'not_sent', message: 'Interrupted.' })
    expect(facts.isAudit).toBe(true)
  })

  test('before anything was read, too', async () => {
    const host = await readOnlyHost()
    const stop = new AbortController()
    const { folder, summary } = await auditRows(host, plans(3), { stop, onStart: () => stop.abort() })
    expect(summary).toMatchObject({
      exitCode: 130,
      objects: { total: 3, notSent: 3 },
      lookups: { requests: 0 },
    })
    expect(readCsv(join(folder, 'rows.csv'))).toHaveLength(3)
  })

  test('by a key that may not read profiles: exit 5, and a word about the permission', async () => {
    const host = await readOnlyHost()
    host.fails = () => 403
    const { folder, summary, facts } = await auditRows(host, plans(3))
    expect(summary).toMatchObject({
      status: 'stopped',
      exitCode: 5,
      objects: { notSent: 3 },
      lookups: { failed: 1 },
    })
    expect(facts.stop?.message).toMatch(
      /responded with 403: the key lacks the permission\..* users\.export\.ids/,
    )
    expect(facts.stop?.next).toBe(
      'Give the key the permission users.export.ids, or compare with an export on disk: --against.',
    )
    expect(readCsv(join(folder, 'rows.csv'))[0]?.['message']).toContain('403')
  })

  test('by input that changes while it is compared', async () => {
    const host = await readOnlyHost()
    const path = file('csv', 'external_id,plan\nu1,x\nu2,x\n')
    const onStart = () => writeFileSync(path, 'external_id,plan\nu1,x\n')
    const { summary, facts } = await auditFiles(host, { files: [path], onStart })
    expect(facts.stop?.message).toMatch('was truncated')
    expect(summary).toMatchObject({ status: 'stopped', exitCode: 3, objects: { total: 2, notSent: 2 } })
  })
})

describe('profiles that cannot be read', () => {
  test('leave their rows unknown, and only those: exit 4', async () => {
    const host = await readOnlyHost()
    host.fails = body => (body['email_address'] === undefined ? undefined : 500)
    const rows = [...plans(50), { email: 'ana@example.com', plan: 'x' }]
    const { folder, summary, files } = await auditRows(host, rows)
    expect(summary).toMatchObject({ exitCode: 4, objects: { total: 51, unknown: 1, mismatched: 50 } })
    expect(summary.lookups).toEqual({ requests: 8, users: 50, failed: 7, settled: 51 })
    const failed = readCsv(join(folder, 'rows.csv')).filter(({ outcome }) => outcome === 'unknown')
    expect(failed[0]).toMatchObject({ reason: 'lookup_failed', http_status: '', attempts: '0' })
    expect(failed[0]?.['message']).toContain('responded with 500')
    expect(summary.reasons).toMatchObject({ lookup_failed: 1 })
    expect(files).toContain('unknown.ndjson')
    expect(toDoLines(summary, files).join('\n')).toMatch(/could not be read; audit the\s+file/)
  })

  test('too many of them in a row stop it: trying each would take days', async () => {
    const host = await readOnlyHost()
    host.fails = () => 500
    const { summary, facts } = await auditRows(host, plans(3000))
    const { unknown, notSent } = summary.objects
    expect(summary).toMatchObject({ status: 'stopped', exitCode: 3 })
    expect(unknown + notSent).toBe(3000)
    expect(unknown).toBeGreaterThanOrEqual(1000)
    expect(notSent).toBeGreaterThan(1000)
    expect(facts.stop?.message).toMatch(/^The profiles of 1000 rows in a row could not be read\. .*500/)
  })
})

describe('its report', () => {
  test('is rebuilt from the journal alone, and says nothing of sending', async () => {
    const host = await readOnlyHost()
    await write(host.sandbox, { attributes: [{ external_id: 'u1', plan: 'gold' }] })
    host.fails = body => (body['email_address'] === undefined ? undefined : 500)
    const rows = [
      { email: 'a@example.com', plan: 'x' },
      { external_id: 'u1', plan: 'gold' },
      ...plans(2),
      { plan: 1 },
    ]
    const receipt = await auditRows(host, rows)
    const before = readFiles(receipt.folder)
    const again = await report(receipt.folder)
    expect(readFiles(receipt.folder)).toEqual(before)
    expect(again.summary).toEqual(receipt.summary)
    expectNoSending(again)
    const redacted = await report(receipt.folder, { redact: true })
    expectNoSending(redacted)
  })

  test('gives the figures of its lookups, and where values are not shown', async () => {
    const host = await readOnlyHost()
    await write(host.sandbox, { attributes: [{ external_id: 'u1', plan: 'gold' }] })
    const rows = [{ external_id: 'u1', plan: 'gold', subscription_groups: [] }]
    const { summary, facts } = await auditRows(host, rows)
    const text = summaryText(summary, facts)
    expect(text.split('\n')[0]).toBe(
      'Finished; the one value that could be compared is stored as requested (1 more',
    )
    expect(text).toContain('are not shown in profiles).')
    expect(text).toMatch(/^ {2}lookups {3}1 user looked up in 1 request; took /m)
    expect(text).toMatch(/, compared with\s+http:\/\/127\.0\.0\.1/)
  })

  test('has its lookups in the journal, and each object where it ended', async () => {
    const host = await readOnlyHost()
    const { folder } = await auditRows(host, plans(2))
    const entries = readEntries(folder)
    expect(entries.map(({ t }) => t)).toEqual(['run', 'planned', 'lookup', 'observed', 'observed', 'end'])
    expect(entries[0]).toMatchObject({ audits: true, limitPerMinute: null })
  })
})

/** Nothing was sent, so no text of a report may say so. */
function expectNoSending({ reportFolder, summary, facts, files }: Receipt): void {
  const page = readFiles(reportFolder)['report.html'] ?? ''
  const shown = page.replaceAll(/<(style|script)>[\s\S]*?<\/\1>/g, '').replaceAll(/<[^>]*>/g, ' ')
  const rows = readFiles(reportFolder)['rows.csv'] ?? ''
  const texts = [shown, rows, summaryText(summary, facts), toDoLines(summary, files).join('\n')].join('\n')
  expect(texts).not.toMatch(/\b(sent to|was sent|were sent|accepted|resume|requests +0)\b/i)
  expect(texts.replaceAll(/never sent, or were lost|No request was sent/g, '')).not.toMatch(/\bsend\b/i)
  expect(shown).not.toMatch(/Requests per minute|Response times|response/)
}
