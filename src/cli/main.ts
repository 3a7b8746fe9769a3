#!/usr/bin/env node
import { CommanderError } from 'commander'
import { exits } from '../model/exit.ts'
import { nextSteps } from '../model/next-command.ts'
import { askedFormat } from './asked-format.ts'
import { commandNames } from './commands.ts'
import { createConsole } from './console.ts'
import { createProgram } from './program.ts'

/** Arguments in, words and an exit code out. What only some commands need is loaded where it is needed. */
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
    const { sayNext } = await import('./next-step.ts')
    const { fail } = await import('./fail.ts')
    if (!(error instanceof CommanderError)) process.exitCode = fail(error, console, command)
    else if (error.code === 'commander.help') {
      // No command was given, and all of the help is on stderr.
      sayNext(console, nextSteps.help(''))
      process.exitCode = exits.usage.code
    } else {
      const { usageError } = await import('./usage.ts')
      process.exitCode = fail(usageError(error, command, commandNames), console, command)
    }
  }
}

await main()
