import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createSandbox, type ImportOptions, type Sandbox, type SandboxOptions } from '../../src/index.ts'
import { exportFields } from '../../src/braze/export-fields.ts'
import { type Json, type JsonObject, sameJson } from '../../src/model/json.ts'
import type { Before } from '../../src/run/before.ts'

/** A sandbox, and what it takes to send rows to it with a snapshot. */
export interface Scene {
  sandbox: Sandbox
  options: ImportOptions
  /** Writes as somebody else. */
  write: (body: Record<string, JsonObject[]>) => Promise<void>
  /** Users, each by an external id or an alias, as an export shows them; null where there is no such profile. */
  look: (users: readonly JsonObject[]) => Promise<(JsonObject | null)[]>
  /** Requests to the endpoint that rows are sent to. */
  sent: () => JsonObject[]
  lookups: () => number
}

const fields_to_export = Object.entries(exportFields).flatMap(([name, { slow }]) => (slow ? [] : [name]))
let made = 0

/** The rows are in a file each; those that are text are CSV, the others lines of JSON. */
export async function sceneOf(
  cwd: string,
  inputs: readonly (string | readonly Json[])[],
  given: SandboxOptions = {},
): Promise<Scene> {
  const sandbox = await createSandbox({ limit: 'off', exportLimit: 'off', ...given })
  onTestFinished(() => sandbox.close())
  const post = async (path: string, body: Json) => {
    const headers = { authorization: 'Bearer k' }
    const response = await fetch(`${sandbox.url}${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(await response.text())
    return (await response.json()) as { users: JsonObject[]; errors?: Json }
  }
  const callsTo = (path: string) => sandbox.calls().filter(call => call.path === path)
  return {
    sandbox,
    options: {
      files: inputs.map(input => fileOf(cwd, input)),
      url: sandbox.url,
      key: 'k',
      rate: 'off',
      lookupRate: 'off',
      snapshot: true,
      runsDir: join(cwd, 'reports'),
    },
    write: async body => {
      const { errors } = await post('/users/track', body)
      if (errors !== undefined) throw new Error(JSON.stringify(errors))
    },
    look: async users => {
      const external_ids = users.flatMap(({ external_id }) => external_id ?? [])
      const user_aliases = users.flatMap(({ user_alias }) => user_alias ?? [])
      const { users: found } = await post('/users/export/ids', {
        external_ids,
        user_aliases,
        fields_to_export,
      })
      return users.map(user => found.find(profile => isOf(profile, user)) ?? null)
    },
    sent: () => callsTo('/users/track/sync').map(({ body }) => JSON.parse(body) as JsonObject),
    lookups: () => callsTo('/users/export/ids').length,
  }
}

function isOf({ external_id, user_aliases }: JsonObject, user: JsonObject): boolean {
  if (user['external_id'] !== undefined) return external_id === user['external_id']
  return Array.isArray(user_aliases) && user_aliases.some(alias => sameJson(alias, user['user_alias']))
}

function fileOf(cwd: string, input: string | readonly Json[]): string {
  const file = join(cwd, `${++made}.${typeof input === 'string' ? 'csv' : 'ndjson'}`)
  writeFileSync(
    file,
    typeof input === 'string' ? input : input.map(row => `${JSON.stringify(row)}\n`).join(''),
  )
  return file
}

/** The lines of a snapshot. */
export function befores(folder: string): Before[] {
  const lines = readFileSync(join(folder, 'before.ndjson'), 'utf8').split('\n').slice(0, -1)
  return lines.map(line => JSON.parse(line) as Before)
}
