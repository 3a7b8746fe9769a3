import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { outcomes, report } from '../src/index.ts'
import { startBrowser } from './support/browser.ts'
import { readSummary, temporaryFolder } from './support/run-folder.ts'
import { makeSample } from './support/sample.ts'

/** `npm run sample` makes it anew; without that, a sample that is out of date fails. */
const kept = fileURLToPath(new URL('../reports/sample', import.meta.url))
const picture = 'report.png'
const made = join(temporaryFolder(), 'sample')

beforeAll(async () => {
  await makeSample(made)
  if (process.env['UPDATE_SAMPLE'] !== '1') return
  const shot = await photograph(join(made, 'report.html')).catch(() => readFileSync(join(kept, picture)))
  rmSync(kept, { recursive: true, force: true })
  cpSync(made, kept, { recursive: true })
  writeFileSync(join(kept, picture), shot)
})

describe('reports/sample', () => {
  test('is what the fixture gives, to the byte', () => {
    expect(filesIn(kept).filter(name => name !== picture)).toEqual(filesIn(made))
    for (const name of filesIn(made))
      expect(textOf(kept, name), `npm run sample (${name})`).toBe(textOf(made, name))
  })

  test('shows every outcome there is', () => {
    const { objects } = readSummary(kept)
    expect(Object.values(outcomes).filter(({ key }) => objects[key] === 0)).toEqual([])
  })

  test('is made again from its journal alone, identical', async () => {
    const copy = join(temporaryFolder(), 'again')
    cpSync(join(kept, 'journal.ndjson'), join(copy, 'journal.ndjson'), { recursive: true })
    await report(copy)
    for (const name of filesIn(copy)) expect(textOf(copy, name), name).toBe(textOf(kept, name))
  })

  test('has a picture that a README can carry', () => {
    expect(statSync(join(kept, picture)).size).toBeLessThan(200_000)
  })
})

function filesIn(folder: string): string[] {
  return readdirSync(folder).toSorted()
}

function textOf(folder: string, name: string): string {
  return readFileSync(join(folder, name), 'utf8')
}

/** The first screen of the page. */
async function photograph(file: string): Promise<Buffer> {
  const browser = await startBrowser()
  if (browser === undefined) throw new Error('No Chromium starts.')
  const page = await browser.newPage({ viewport: { width: 1080, height: 760 }, colorScheme: 'light' })
  await page.goto(pathToFileURL(file).href)
  const shot = await page.screenshot()
  await browser.close()
  return shot
}
