import { createInterface } from 'node:readline/promises'
import type { Console } from './console.ts'

/** Asks whoever sits at the terminal. Anything but yes is no; so is Ctrl-C, and an input that ends. */
export async function agreed(question: string, console: Console, signal: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const left = new Promise<string>(resolve => {
    terminal.once('SIGINT', () => terminal.close()).once('close', () => resolve(''))
    signal.addEventListener('abort', () => terminal.close())
  })
  // In a JSON log the question is a line like all others.
  if (console.isLog === true) console.error(question, { event: 'question', level: 'info' })
  const answer = await Promise.race([
    terminal.question(console.isLog === true ? '' : `${question} [y/N] `),
    left,
  ])
  terminal.close()
  return /^y(es)?$/i.test(answer.trim())
}
