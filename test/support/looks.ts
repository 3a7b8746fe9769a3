import { endpoints } from '../../src/braze/endpoints.ts'
import type { Fault, Sandbox, SandboxCall } from '../../src/index.ts'

/** The key may not read profiles, so what is in doubt cannot be looked up. */
export const noExports: Fault = { kind: 'refuse', status: 403, on: 'export' }

/** The requests that a sandbox got to write something; those that only looked are left out. */
export function writesTo(sandbox: Sandbox): SandboxCall[] {
  return sandbox.calls().filter(({ path }) => path !== endpoints.exportIds.path)
}

/** The requests that only looked: whom at, and what for. */
export function looksIn(sandbox: Sandbox): { users: unknown[]; fields: string[] }[] {
  return sandbox
    .calls()
    .filter(({ path }) => path === endpoints.exportIds.path)
    .map(({ body }) => {
      const { fields_to_export: fields, ...by } = JSON.parse(body) as { fields_to_export: string[] }
      return { users: Object.values(by).flat(), fields }
    })
}
