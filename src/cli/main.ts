#!/usr/bin/env node
import { CommanderError } from 'commander'
import { exits } from '../model/exit.ts'
import { nextSteps } from '../model/next-command.ts'
import { requestedFormat } from './requested-format.ts'
import { commandNames } from './commands.ts'
import { createConsole } from './console.ts'
import { createProgram } from './program.ts'

/** Turns arguments into text and an exit code. What only some commands need is loaded when it is needed. */
async function main(): Promise<void> {
  const args = process.argv.slice(2)
  const command = commandNames.find(name => name === args[0]) ?? ''
  const console = createConsole(requestedFormat(args, process.env))
  // A reader that closes the pipe (`| head`) must not fail the run.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
  const program = await createProgram({
    finish: code => {
      process.exitCode = code
    },
    writeErr: text => {
      if (console.isLog !== true) process.stderr.write(text)
    },
    withSettings: commandNames.filter(name => args.includes(name)),
  })
  try {
    await program.parseAsync()
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return
    const { printNext } = await import('./next-step.ts')
    const { fail } = await import('./fail.ts')
    if (!(error instanceof CommanderError)) process.exitCode = fail(error, console, command)
    else if (error.code === 'commander.help') {
      // No command was given, and all of the help is on stderr.
      printNext(console, nextSteps.help(''))
      process.exitCode = exits.usage.code
    } else {
      const { usageError } = await import('./usage.ts')
      process.exitCode = fail(usageError(error, command, commandNames), console, command)
    }
  }
}

await main()
