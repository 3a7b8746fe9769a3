import { existsSync } from 'node:fs'
import { type Browser, chromium, type LaunchOptions } from 'playwright-core'

/** Where Chromium is when nobody says where. */
const usualPaths = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/**
 * Starts Chromium: the one `CHROME_PATH` names, the one Playwright has installed, or the one of the machine. Undefined
 * where none of them starts.
 */
export async function startBrowser(): Promise<Browser | undefined> {
  for (const options of candidates()) {
    const browser = await chromium.launch(options).catch(() => undefined)
    if (browser !== undefined) return browser
  }
  return undefined
}

function candidates(): LaunchOptions[] {
  const named = process.env['CHROME_PATH']
  if (named !== undefined) return [{ executablePath: named }]
  const found = usualPaths.filter(path => existsSync(path)).map(executablePath => ({ executablePath }))
  return [{}, ...found]
}
