#!/usr/bin/env node
import { CommanderError } from 'commander'
import { exits } from '../index.ts'
import { createConsole } from './console.ts'
import { fail } from './fail.ts'
import { commandNames, createProgram } from './program.ts'

/** Arguments in, words and an exit code out. */
async function main(): Promise<void> {
  const command = commandNames.find(name => name === process.argv[2])
  // A reader that goes away (`| head`) is no failure of the run.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
  const program = createProgram(code => {
    process.exitCode = code
  })
  try {
    await program.parseAsync()
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return
      createConsole().error(`Next: track-sync ${command === undefined ? '' : `${command} `}--help`)
      process.exitCode = exits.usage.code
      return
    }
    process.exitCode = fail(error, createConsole(), command ?? '')
  }
}

await main()
