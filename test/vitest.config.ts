import { defineConfig } from 'vitest/config'
import { startBrowser } from './support/browser.ts'
import ClosingLine from './support/closing-line.ts'

export default defineConfig(async () => {
  const browser = await startBrowser()
  await browser?.close()
  const leftOut =
    browser === undefined
      ? 'Left out: the tests of the page in a browser. No Chromium was found; .ci/run says how to get one, CHROME_PATH where it is.'
      : undefined

  return {
    test: {
      root: new URL('..', import.meta.url).pathname,
      include: ['test/**/*.test.ts', ...(browser === undefined ? [] : ['test/**/*.browser.ts'])],
      reporters: ['default', new ClosingLine(leftOut)],
      testTimeout: 30_000,
      // A process and all modules anew for each file would take a fifth of the time.
      isolate: false,
      // Two slow cores: more workers than cores only make tests wait for each other.
      maxWorkers: 2,
    },
  }
})
