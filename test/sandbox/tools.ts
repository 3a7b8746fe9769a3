import type { Kind } from '../../src/model/kind.ts'
import type { Json, JsonObject } from '../../src/model/json.ts'
import { respond, type SandboxResponse } from '../../src/sandbox/respond.ts'
import { Profiles } from '../../src/sandbox/profile.ts'
import type { SandboxRules } from '../../src/sandbox/rules.ts'
import { createSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/server.ts'
import { now } from '../support/build.ts'

/** Asks one path of the sandbox's function and keeps what was written. */
export function ask(
  profiles: Profiles,
  body: JsonObject,
  rules: SandboxRules = {},
  path = '/users/track/sync',
): SandboxResponse {
  const headers = { authorization: 'Bearer key' }
  const request = { method: 'POST', path, headers, body: JSON.stringify(body) }
  const result = respond(request, profiles, now, rules)
  if (result.written !== null) profiles.save(result.written)
  return result.response
}

/** The custom attributes of a user after these attributes objects, one request each. */
export function attributesAfter(bodies: JsonObject[], rules: SandboxRules = {}): JsonObject | undefined {
  const profiles = new Profiles()
  for (const body of bodies) ask(profiles, { attributes: [{ external_id: 'u', ...body }] }, rules)
  return profiles.all()[0]?.custom_attributes
}

/** What attribute `a` holds after these values, one request each. */
export function after(values: Json[], rules: SandboxRules = {}): Json | undefined {
  return attributesAfter(
    values.map(a => ({ a })),
    rules,
  )?.['a']
}

/** The first user an answer names. */
export function firstUser({ body }: SandboxResponse): Json | undefined {
  return Array.isArray(body['users']) ? body['users'][0] : undefined
}

/** A sandbox for the time of one test. */
export async function withSandbox(
  options: SandboxOptions,
  use: (sandbox: Sandbox) => Promise<void>,
): Promise<void> {
  const sandbox = await createSandbox(options)
  try {
    await use(sandbox)
  } finally {
    await sandbox.close()
  }
}

export function postTo(sandbox: Sandbox, body: JsonObject, path = '/users/track/sync', signal?: AbortSignal) {
  const headers = { 'content-type': 'application/json', authorization: 'Bearer key' }
  const init = { method: 'POST', headers, body: JSON.stringify(body) }
  return fetch(`${sandbox.url}${path}`, signal === undefined ? init : { ...init, signal })
}

export function one(kind: Kind, body: JsonObject): JsonObject {
  return { [kind]: [body] }
}
