import { statSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSandbox, importFiles, type ImportOptions } from '../../src/index.ts'
import type { Account } from '../../src/model/account.ts'
import { writeReport } from '../../src/report/write-report.ts'
import { startBrowser } from '../support/browser.ts'
import { account, runFacts, unsent } from '../support/build.ts'
import { faultsOf, figuresIn, figuresOf, look, sidewaysOf } from '../support/reader.ts'
import { readSummary, temporaryFolder } from '../support/run-folder.ts'
import { makeSample } from '../support/sample.ts'

const root = temporaryFolder()
/** A run that stopped, with every outcome there is. */
const messy = join(root, 'messy')
const page = (folder: string) => join(folder, 'report.html')
let browser: Browser

beforeAll(async () => {
  const [started] = await Promise.all([startBrowser(), makeSample(messy)])
  if (started === undefined) throw new Error('No Chromium starts.')
  browser = started
})
afterAll(() => browser.close())

describe('the figures are those of summary.json, and nothing is wrong, with', () => {
  test('a clean run', async () => {
    const folder = await run('clean', rows(40))
    await expectTrue(folder, 'Finished; all 40 values that could be compared are stored as requested.')
  })

  test('a messy run that was stopped', async () => {
    await expectTrue(messy, 'Stopped after 233 of 240 rows: 20 rows have errors; the error budget is 20.')
  })

  test('a run that was interrupted', async () => {
    const stop = new AbortController()
    const onProgress: ImportOptions['onProgress'] = ({ ended }) => {
      if (ended === 12) stop.abort({ exit: 'interrupted', message: 'Interrupted.' })
    }
    const folder = await run('interrupted', rows(40), { stop, onProgress, concurrency: 1 })
    await expectTrue(folder, 'Interrupted after 12 of 40 rows.')
  })

  test('a run in which nothing was sent', async () => {
    const folder = await run('empty', 'external_id,plan\n,gold\n')
    await expectTrue(folder, 'Finished; 1 of 1 row needs attention.')
    const none = await written('none', [])
    await expectTrue(none, 'Finished; there were no rows.')
  })

  test('100,000 rows, in less than 3 MB', async () => {
    const many = Array.from({ length: 100_000 }, (_, i) =>
      i % 7 === 0 ? differing(i) : account({ seq: i, row: i + 1 }),
    )
    const folder = await written('many', many)
    expect(statSync(page(folder)).size).toBeLessThan(3_000_000)
    const window = await expectTrue(folder, 'Finished; 14,286 of 100,000 rows need attention.')
    expect(await window.locator('#differing .cut').innerText()).toBe(
      'The first 1,000 of 14,286; all are in values.csv.',
    )
  })

  test('hostile values', async () => {
    const folder = await written('hostile', hostileAccounts())
    const window = await look(browser, page(folder))
    const [found, known] = [await figuresOf(window), figuresIn(readSummary(folder))]
    // Names that cannot be shown as they are are shown otherwise.
    expect([found.outcomes, found.reasons]).toEqual([known.outcomes, known.reasons])
    expect(Object.keys(found.fields)).toHaveLength(Object.keys(known.fields).length)
    expect(await window.evaluate('globalThis.hit')).toBeUndefined()
    expect(await window.locator('img, iframe, object, script:not(:last-of-type)').count()).toBe(0)
    expect(await faultsOf(window)).toEqual([])
    expect(await sidewaysOf(await look(browser, page(folder), { width: 360 }))).toBe(0)
  })

  async function expectTrue(folder: string, sentence: string) {
    const window = await look(browser, page(folder))
    expect(await window.locator('h1').innerText()).toBe(sentence)
    const figures = figuresIn(readSummary(folder))
    if (figures.outcomes['total'] === 0) figures.outcomes = {}
    expect(await figuresOf(window)).toEqual(figures)
    expect(await sidewaysOf(window)).toBe(0)
    return window
  }
})

describe('a reader', () => {
  test('finds a value by search and filter, with the keyboard alone', async () => {
    const window = await look(browser, page(messy))
    const search = window.locator('#differing input[type=search]')
    const shown = window.locator('#differing tbody tr:visible')
    const all = await shown.count()
    await search.press('Control+a')
    await window.keyboard.type('m-0055 store')
    expect(await shown.count()).toBe(1)
    expect(await window.locator('#differing output').innerText()).toBe(`1 of ${all} found`)
    await window.keyboard.press('Control+a')
    await window.keyboard.press('Delete')
    await window.keyboard.press('Tab')
    await window.keyboard.type('note')
    expect(await shown.count()).toBe(4)
    expect(await shown.locator('.field').allInnerTexts()).toEqual(Array(4).fill('note'))
  })

  test('comes from a field or a reason to its values', async () => {
    const window = await look(browser, page(messy))
    await window.locator('.reasons a', { hasText: 'coerced_string' }).click()
    expect(await window.locator('#differing tbody tr:visible .why').allInnerTexts()).toEqual(
      Array(3).fill('coerced_string'),
    )
    await window.locator('.fields a', { hasText: '4' }).first().click()
    expect(await window.locator('#differing tbody tr:visible .field').allInnerTexts()).toEqual(
      Array(4).fill('note'),
    )
    expect(await window.locator('#differing h2').isVisible()).toBe(true)
  })

  test('gets the first fifty of a long list, and all of it on demand', async () => {
    const folder = await written(
      'long',
      Array.from({ length: 130 }, (_, i) => differing(i)),
    )
    const window = await look(browser, page(folder))
    const shown = window.locator('#differing tbody tr:visible')
    expect(await shown.count()).toBe(50)
    await window.getByRole('button', { name: 'Show all 130' }).press('Enter')
    expect(await shown.count()).toBe(130)
    expect(await window.locator('#differing tbody tr:focus').innerText()).toContain('row 51')
  })

  test('without scripts has the whole page', async () => {
    const window = await look(browser, page(messy), { javaScriptEnabled: false })
    expect(await window.locator('.tools:visible').count()).toBe(0)
    const all = await window.locator('.list tbody tr').count()
    expect(all).toBeGreaterThan(30)
    expect(await window.locator('.list tbody tr:visible').count()).toBe(all)
  })

  test('with a keyboard comes to every link and sees where they are', async () => {
    const window = await look(browser, page(messy))
    await window.keyboard.press('Tab')
    const focused = window.locator(':focus')
    expect(await focused.innerText()).toBe('mismatched')
    expect(await window.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid')
    await window.keyboard.press('Enter')
    expect(window.url()).toMatch(/#differing$/)
  })

  test('who hears the page is told what each drawing shows, and can have it as a table', async () => {
    const window = await look(browser, page(messy))
    const names = await window
      .getByRole('img')
      .evaluateAll(all => all.map(one => one.getAttribute('aria-label')))
    expect(names).toEqual([
      expect.stringMatching(/^Requests per minute over the run\. 198 requests/),
      expect.stringMatching(/^Distribution of response times\. Half of the responses arrived within \d+ ms/),
      expect.stringMatching(/^Outcomes over the run\. 176 verified/),
    ])
    await window.getByText('Show as a table').click()
    const counts = await window.locator('details tbody tr td:nth-child(2)').allInnerTexts()
    expect(counts.reduce((sum, count) => sum + Number(count), 0)).toBe(readSummary(messy).requests.sent)
  })

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 390]) {
      test(`in the ${colorScheme}, ${width} wide, has enough contrast and no sideways scroll`, async () => {
        const window = await look(browser, page(messy), { colorScheme, width })
        await window.getByText('Show as a table').click()
        expect(await faultsOf(window)).toEqual([])
        expect(await sidewaysOf(window)).toBe(0)
        expect(await window.locator('.plot:visible').count()).toBe(3)
      })
    }
  }

  test('on paper has dark on white, no tools, and the beginning of each list', async () => {
    const folder = await written(
      'paper',
      Array.from({ length: 130 }, (_, i) => differing(i)),
    )
    const window = await look(browser, page(folder), { colorScheme: 'dark' })
    await window.emulateMedia({ media: 'print', colorScheme: 'dark' })
    expect(await window.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(
      'rgb(255, 255, 255)',
    )
    expect(await window.locator('.tools:visible, button:visible').count()).toBe(0)
    expect(await window.locator('#differing tbody tr:visible').count()).toBe(50)
    expect(await window.locator('.paper').innerText()).toBe('Only the first 50 rows are printed.')
    expect((await window.pdf({ format: 'A4' })).length).toBeGreaterThan(10_000)
  })
})

/** Runs text as a CSV file through a sandbox. */
async function run(runId: string, text: string, more: Partial<ImportOptions> = {}): Promise<string> {
  const file = join(root, `${runId}.csv`)
  writeFileSync(file, text)
  const sandbox = await createSandbox({ limit: 'off' })
  const where = { url: sandbox.url, key: 'k', target: 'sandbox', rate: 'off' as const, runsDir: root }
  const { folder } = await importFiles({ ...where, ...more, files: [file], runId })
  await sandbox.close()
  return folder
}

/** Writes the report of a run with these accounts. */
async function written(name: string, accounts: Account[]): Promise<string> {
  const folder = join(root, name)
  await mkdir(folder)
  async function* all() {
    yield* accounts
  }
  await writeReport(folder, all(), runFacts(accounts.length))
  return folder
}

function rows(count: number): string {
  return `external_id,plan\n${Array.from({ length: count }, (_, i) => `u${i},gold-${i}\n`).join('')}`
}

function differing(i: number): Account {
  return account({
    seq: i,
    row: i + 1,
    outcome: 'mismatched',
    body: { external_id: `u${i}`, plan: `gold ${i}` },
    echoed: { external_id: `u${i}`, custom_attributes: { plan: `silver ${i}` } },
    reasons: ['unexplained'],
  })
}

/** Values, names and messages of which each tries something. */
function hostileAccounts(): Account[] {
  const tricks = [
    `<script>globalThis.hit = 1</script>`,
    `<img src=x onerror="globalThis.hit = 1">`,
    `"><svg onload=globalThis.hit=1>`,
    `'-globalThis.hit=1-'`,
    `</code></table></main><iframe src="javascript:parent.hit=1">`,
    `</style><style>*{display:none}`,
    `\u202e\u2066reversed\u0000\u0007\ud800`,
    'e\u0301\u0300\u0302\u0303\u0304'.repeat(60),
    'x'.repeat(5000),
    '\n\r\t'.repeat(100),
    'constructor',
    '{{7*7}}${7*7}',
  ]
  const random = fc.sample(fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }), {
    numRuns: 18,
    seed: 7,
  })
  return [...tricks, ...random].flatMap((text, i) => {
    const user = JSON.stringify({ external_id: text })
    const body = { external_id: 'u', [`a${text}`]: text }
    const echoed = { external_id: 'u', custom_attributes: { [`a${text}`]: [text, i] } }
    return [
      account({ outcome: 'mismatched', user, file: text, body, echoed, reasons: ['unexplained'] }),
      unsent({ outcome: i % 2 === 0 ? 'unknown' : 'rejected', user, message: text, raw: Buffer.from(text) }),
    ]
  })
}
