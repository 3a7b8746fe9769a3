import { defineConfig } from 'vitest/config'
import { startBrowser } from './support/browser.ts'
import ClosingLine from './support/closing-line.ts'
import { beginWatch, workerFlags } from './support/watch.ts'

/**
 * Nothing here measures how fast the machine is: a test that takes so long hangs. Where time is simulated, the clock
 * itself notices first that nothing goes on.
 */
const hangsMs = 240_000

export default defineConfig(async () => {
  const browser = await startBrowser()
  await browser?.close()
  const leftOut =
    browser === undefined
      ? 'Left out: the tests of the page in a browser. No Chromium was found; .ci/run says how to get one, CHROME_PATH where it is.'
      : undefined
  const warnings = beginWatch()

  return {
    test: {
      root: new URL('..', import.meta.url).pathname,
      include: ['test/**/*.test.ts', ...(browser === undefined ? [] : ['test/**/*.browser.ts'])],
      setupFiles: ['test/support/setup.ts'],
      reporters: ['default', new ClosingLine({ warnings, leftOut, tally: process.env['GATE_TALLY'] })],
      testTimeout: hangsMs,
      hookTimeout: hangsMs,
      execArgv: workerFlags,
      env: { GATE_WARNINGS: warnings },
      // A process and all modules anew for each file would take a fifth of the time.
      isolate: false,
      // Two slow cores: more workers than cores only make tests wait for each other.
      maxWorkers: 2,
    },
  }
})
