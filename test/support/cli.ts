import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process'
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'

/** The built command. */
export const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
  /** The last line of stderr that holds anything. */
  lastLine: string
}

type Surroundings = Pick<SpawnOptions, 'cwd' | 'uid' | 'gid' | 'stdio'> & {
  env?: Record<string, string>
  /** The command that is started; by default the built one. */
  command?: string
}

/** Runs the built command as its users do, in a process of its own. */
export async function trackSync(
  args: string[],
  { stdin, ...surroundings }: Omit<Surroundings, 'stdio'> & { stdin?: Socket } = {},
): Promise<Ended> {
  const child = startTrackSync(args, { ...surroundings, stdio: [stdin ?? 'ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return await new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', code => {
      resolve({ code, stdout, stderr, lastLine: stderr.trimEnd().split('\n').at(-1) ?? '' })
    })
  })
}

/** Starts the built command, with nothing in its environment but what is given. */
export function startTrackSync(args: string[], surroundings: Surroundings = {}): ChildProcess {
  const { env, command = main, ...options } = surroundings
  return spawn(process.execPath, [command, ...args], { ...options, env: { ...bareEnv(), ...env } })
}

/** The environment of a command that is told nothing by it: where programs are, and that Node is watched. */
export function bareEnv(): Record<string, string> {
  const names = ['PATH', 'NODE_OPTIONS', 'GATE_WARNINGS']
  return Object.fromEntries(names.map(name => [name, process.env[name] ?? '']))
}
