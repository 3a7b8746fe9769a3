import { endpoints } from '../../src/braze/endpoints.ts'
import type { Fault, Sandbox, SandboxCall } from '../../src/index.ts'

/** The key may not read profiles, so what is in doubt cannot be looked up. */
export const noExports: Fault = { kind: 'refuse', status: 403, on: 'export' }

/** The requests that a sandbox got to write something; those that only looked are left out. */
export function writesTo(sandbox: Sandbox): SandboxCall[] {
  return sandbox.calls().filter(({ path }) => path !== endpoints.exportIds.path)
}
