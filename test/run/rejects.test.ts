import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createSandbox, importFiles, readMapping, type SandboxOptions, summaryText } from '../../src/index.ts'
import { readCsv, temporaryFolder } from '../support/run-folder.ts'

const cwd = temporaryFolder()
const mapping = readMapping('columns: { note: ignore }', 'inline')

test('rejects are the original bytes under the original header, and can be fed back in', async () => {
  const header = 'external_id,note,"note","plan"\r\n'
  const records = [
    'u1,"a,b",c,"gold\r\nor ""silver"""',
    'u2,caf\xe9,x,gold',
    "u3,  x ,'y',007",
    'u4,,,bronze',
  ]
  const input = join(cwd, 'odd.csv')
  writeFileSync(input, Buffer.from(`${header}${records.join('\r\n')}\r\n`, 'latin1'))
  const first = await send([input], { faults: [{ kind: 'refuse', status: 400, calls: [1, 2] }] })
  expect(first.summary.objects).toMatchObject({ total: 4, verified: 1, rejected: 2, invalid: 1 })

  const rejects = join(first.folder, 'rejects.csv')
  expect(readFileSync(rejects, 'latin1')).toBe(
    `${header.replace('\r', '')}${records.slice(0, 3).join('\n')}\n`,
  )
  const second = await send([rejects])
  expect(second.summary.objects).toMatchObject({ total: 3, verified: 2, invalid: 1 })
  expect(second.profiles.map(({ custom_attributes }) => custom_attributes)).toEqual([
    { plan: 'gold\r\nor "silver"' },
    { plan: '007' },
  ])
})

test('a rejected row that a later one has overtaken is marked wherever people look', async () => {
  const input = join(cwd, 'overtaken.csv')
  writeFileSync(input, 'external_id,plan,note\nu1,gold,1\nu2,gold,1\nu1,silver,\nu2,,2\nu3,x,1\nu1,bronze,\n')
  const { summary, facts, folder } = await send([input], {
    faults: [{ kind: 'refuse', status: 400, calls: [1, 5] }],
  })
  const messages = readCsv(join(folder, 'rows.csv')).map(line => line['message'])
  const harm =
    /^Bad Request; row 3 of .*overtaken\.csv has written the same field since; sending this row again would overwrite it$/
  expect(messages[0]).toMatch(harm)
  expect(messages.slice(1)).toEqual(['', '', '', 'Bad Request', ''])
  expect([summary.objects.rejected, summary.overtaken]).toEqual([2, 1])
  expect(summaryText(summary, facts)).toMatch(/overtaken 1 row by later rows; .* would overwrite newer data/)
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toMatch(/row 3 of .* would overwrite it/)
})

async function send(files: string[], options: SandboxOptions = {}) {
  const sandbox = await createSandbox({ limit: 'off', ...options })
  onTestFinished(() => sandbox.close())
  const runsDir = join(cwd, 'reports')
  const target = { url: sandbox.url, key: 'k', rate: 'off' as const, concurrency: 1 }
  const receipt = await importFiles({ files, mapping, runsDir, ...target })
  return { ...receipt, profiles: sandbox.profiles() }
}
