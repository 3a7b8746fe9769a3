import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import type { Summary } from '../../src/index.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** How a page is looked at. */
export interface Look extends Pick<BrowserContextOptions, 'colorScheme' | 'javaScriptEnabled'> {
  width?: number
}

/**
 * Opens a report in a window of its own. That it fetches nothing, runs nothing that is not its own and complains of
 * nothing holds for every look at it.
 */
export async function look(
  browser: Browser,
  file: string,
  { width = 1280, ...more }: Look = {},
): Promise<Page> {
  const context = await browser.newContext({ ...more, viewport: { width, height: 900 } })
  const page = await context.newPage()
  const address = pathToFileURL(file).href
  const complaints: string[] = []
  page.on('console', message => complaints.push(`console: ${message.text()}`))
  page.on('pageerror', error => complaints.push(`error: ${error.message}`))
  page.on('dialog', dialog => {
    complaints.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', request => {
    if (request.url().replace(/#.*/, '') !== address) complaints.push(`request: ${request.url()}`)
  })
  onTestFinished(async () => {
    await context.close()
    expect(complaints).toEqual([])
  })
  await page.goto(address)
  return page
}

/** What an automated check of accessibility finds wrong, contrast included. */
export async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  const result = await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')
  const { violations } = result as {
    violations: { id: string; nodes: { html: string; failureSummary: string }[] }[]
  }
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes[0]?.failureSummary} ${nodes[0]?.html.slice(0, 200)}`,
  )
}

/** The figures of the page, as its reader has them. */
export async function figuresOf(page: Page) {
  const rows = async (selector: string) => {
    const cells = `[...document.querySelectorAll('${selector}')].map(row => [...row.cells].map(cell => cell.innerText))`
    return await page.evaluate<string[][]>(cells)
  }
  const outcomes = (await rows('.outcomes tbody tr')).map(([name = '', count = '']) => [
    plain(name),
    numberOf(count),
  ])
  const fields = (await rows('.fields tbody tr')).map(([name, , match = '', differ = '', unseen = '']) => [
    name,
    [match, differ, unseen].map(numberOf),
  ])
  const reasons = (await rows('.reasons tbody tr:not(.group)')).map(([count = '', , , code]) => [
    code,
    numberOf(count),
  ])
  return {
    outcomes: Object.fromEntries(outcomes) as Record<string, number>,
    fields: Object.fromEntries(fields) as Record<string, number[]>,
    reasons: Object.fromEntries(reasons) as Record<string, number>,
  }
}

/** The same figures, by the summary. */
export function figuresIn({ objects, fields, reasons }: Summary) {
  const { notSent, ...others } = objects
  const met = Object.entries({ ...others, not_sent: notSent }).filter(
    ([name, count]) => count > 0 || name === 'total',
  )
  return {
    outcomes: Object.fromEntries(met),
    fields: Object.fromEntries(
      Object.entries(fields).map(([name, { match, differ, unverifiable }]) => [
        name,
        [match, differ, unverifiable],
      ]),
    ),
    reasons,
  }
}

/** How far the page can be moved sideways. */
export async function sidewaysOf(page: Page): Promise<number> {
  const [content, window] = await Promise.all(
    ['scrollWidth', 'clientWidth'].map(name => page.evaluate(`document.documentElement.${name}`)),
  )
  return Number(content) - Number(window)
}

/** A name without the sign before it. */
function plain(name: string): string {
  return name.trim().split(/\s+/).at(-1) ?? ''
}

function numberOf(text: string): number {
  return Number(text.replaceAll(',', ''))
}
