import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { bareEnv, main } from './cli.ts'

export interface Said {
  code: number | null
  stdout: string
  stderr: string
}

/** The host that the pages send to. */
export const namedHost = 'https://rest.fra-01.braze.eu'

/**
 * A shell in a folder of its own, for the commands of a page. `host` stands in for the host that a page names, and no
 * page is opened.
 */
export class Shell {
  readonly folder: string
  readonly #host: string
  readonly #env: Record<string, string>

  constructor(folder: string, host: string, files: Record<string, string | Buffer> = {}) {
    this.folder = folder
    this.#host = host
    const bin = join(folder, '.bin')
    mkdirSync(bin, { recursive: true })
    writeFileSync(join(bin, 'track-sync'), `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`)
    chmodSync(join(bin, 'track-sync'), 0o755)
    for (const [name, content] of Object.entries(files)) this.write(name, content)
    const bare = bareEnv()
    const path = `${bin}${delimiter}${bare['PATH'] ?? ''}`
    this.#env = { ...bare, PATH: path, BRAZE_API_URL: host, BRAZE_API_KEY: 'k' }
  }

  write(name: string, content: string | Buffer): void {
    mkdirSync(dirname(join(this.folder, name)), { recursive: true })
    writeFileSync(join(this.folder, name), content)
  }

  /** Runs a line as a page has it. What it exports holds for the lines that follow. */
  async run(line: string): Promise<Said> {
    const here = line.replaceAll(namedHost, this.#host).replaceAll('=…', '=k').replaceAll(' --open', '')
    const [, name, value] = /^export (\w+)=(\S*)$/.exec(here) ?? []
    if (name !== undefined && value !== undefined) {
      this.#env[name] = value
      return { code: 0, stdout: '', stderr: '' }
    }
    const endless = here.startsWith('track-sync sandbox')
    return await this.#spawn(endless ? `exec ${here} --port 0` : here, endless)
  }

  /** What runs until somebody stops it is stopped once it has said something. */
  #spawn(line: string, endless: boolean): Promise<Said> {
    const child = spawn('bash', ['-c', `set -o pipefail; ${line}`], {
      cwd: this.folder,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
      if (endless) child.kill('SIGINT')
    })
    return new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', code => resolve({ code, stdout, stderr }))
    })
  }
}
