import type { Fault } from '../../src/index.ts'

/** The key may not read profiles, so what is in doubt cannot be looked up. */
export const noExports: Fault = { kind: 'refuse', status: 403, on: 'export' }
