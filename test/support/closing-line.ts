import type { Reporter, TestModule } from 'vitest/node'

/** One last line that any machine can read; before it, what was left out, if anything. */
export default class ClosingLine implements Reporter {
  readonly #leftOut: string | undefined

  constructor(leftOut?: string) {
    this.#leftOut = leftOut
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap(module => [...module.children.allTests()])
    const failed = tests.filter(test => test.result().state === 'failed').length
    const broken = modules.filter(module => module.errors().length > 0).length
    const passed = tests.filter(test => test.result().state === 'passed').length
    if (this.#leftOut !== undefined) process.stdout.write(`\n${this.#leftOut}\n`)
    process.stdout.write(`\n${passed} passed, ${failed + broken} failed\n`)
  }
}
