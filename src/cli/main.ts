#!/usr/bin/env node
import { CommanderError } from 'commander'
import { exits } from '../index.ts'
import { nextSteps } from '../model/next-command.ts'
import { createConsole, sayNext } from './console.ts'
import { fail } from './fail.ts'
import { commandNames, createProgram } from './program.ts'
import { askedFormat, usageError } from './usage.ts'

/** Arguments in, words and an exit code out. */
async function main(): Promise<void> {
  const args = process.argv.slice(2)
  const command = commandNames.find(name => name === args[0]) ?? ''
  const console = createConsole(askedFormat(args, process.env))
  // A reader that goes away (`| head`) is no failure of the run.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
  const program = createProgram(
    code => {
      process.exitCode = code
    },
    text => {
      if (console.isLog !== true) process.stderr.write(text)
    },
  )
  try {
    await program.parseAsync()
  } catch (error) {
    if (!(error instanceof CommanderError)) process.exitCode = fail(error, console, command)
    else if (error.code === 'commander.help' && error.exitCode !== 0) {
      // No command was given, and all of the help is on stderr.
      sayNext(console, nextSteps.help(''))
      process.exitCode = exits.usage.code
    } else if (error.exitCode !== 0) {
      process.exitCode = fail(usageError(error, command, commandNames), console, command)
    }
  }
}

await main()
