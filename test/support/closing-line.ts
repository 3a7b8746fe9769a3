import { appendFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'
import { type Warning, warningsIn } from './watch.ts'

interface ClosingOptions {
  /** Where what Node warned of is written down; any of it fails the run. */
  warnings: string
  /** What could not be tested, if anything. */
  leftOut: string | undefined
  /** Where the counts go when several runs make up the gate; it then has the last line. */
  tally: string | undefined
}

/** One last line that any machine can read; before it, what Node warned of and what was left out, if anything. */
export default class ClosingLine implements Reporter {
  readonly #options: ClosingOptions

  constructor(options: ClosingOptions) {
    this.#options = options
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const tests = modules.flatMap(module => [...module.children.allTests()])
    const failed = tests.filter(test => test.result().state === 'failed').length
    const broken = modules.filter(module => module.errors().length > 0).length
    const passed = tests.filter(test => test.result().state === 'passed').length
    const warned = this.close(passed, failed + broken + errors.length)
    if (warned) process.exitCode = 1
  }

  /** Says how it ended; true where warnings fail what had passed. */
  close(
    passed: number,
    failed: number,
    say: (text: string) => unknown = text => process.stdout.write(text),
  ): boolean {
    const { warnings: file, leftOut, tally } = this.#options
    const warnings = told(warningsIn(file))
    for (const warning of warnings) say(`\n${warning}\n`)
    if (leftOut !== undefined) say(`\n${leftOut}\n`)
    const allFailed = failed + warnings.length
    if (tally === undefined) say(`\n${passed} passed, ${allFailed} failed\n`)
    else {
      appendFileSync(tally, `${passed} ${allFailed}\n`)
      say(`\nOn Node ${process.version}: ${passed} of ${passed + allFailed} passed.\n`)
    }
    return warnings.length > 0
  }
}

/** Each warning once, however many processes it came from. */
function told(warnings: Warning[]): string[] {
  const kinds = new Map<string, { first: Warning; times: number }>()
  for (const warning of warnings) {
    const kind = `${warning.name}: ${warning.message.replaceAll(/\d+/g, 'N')}`
    const { first, times } = kinds.get(kind) ?? { first: warning, times: 0 }
    kinds.set(kind, { first, times: times + 1 })
  }
  return [...kinds].map(([kind, { first, times }]) => {
    const { version, command, stack } = first
    return `Node ${version} warned, ${times} times. ${kind}\n  first in ${command}\n  ${stack}`
  })
}
