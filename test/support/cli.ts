import { spawn, type SpawnOptions } from 'node:child_process'
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

/** Runs the built command as its users do, in a process of its own. */
export function trackSync(
  args: string[],
  {
    env,
    stdin,
    ...options
  }: Pick<SpawnOptions, 'cwd' | 'uid' | 'gid'> & { env?: Record<string, string>; stdin?: Socket } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...args], {
    ...options,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: [stdin ?? 'ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', code => {
      resolve({ code, stdout, stderr, lastLine: stderr.trimEnd().split('\n').at(-1) ?? '' })
    })
  })
}
