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
    const { warnings: file, leftOut, tally } = this.#options
    const tests = modules.flatMap(module => [...module.children.allTests()])
    const failed = tests.filter(test => test.result().state === 'failed').length
    const broken = modules.filter(module => module.errors().length > 0).length
    const passed = tests.filter(test => test.result().state === 'passed').length
    const warnings = told(warningsIn(file))
    if (warnings.length > 0) process.exitCode = 1
    for (const warning of warnings) process.stdout.write(`\n${warning}\n`)
    if (leftOut !== undefined) process.stdout.write(`\n${leftOut}\n`)
    const counts = [passed, failed + broken + errors.length + warnings.length] as const
    if (tally === undefined) process.stdout.write(`\n${counts[0]} passed, ${counts[1]} failed\n`)
    else {
      appendFileSync(tally, `${counts.join(' ')}\n`)
      process.stdout.write(`\nOn Node ${process.version}: ${counts[0]} of ${counts[0] + counts[1]} passed.\n`)
    }
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
