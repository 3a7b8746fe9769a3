import { endpoints } from '../braze/endpoints.ts'
import {
  createSandbox,
  limits,
  perMinute,
  type Rate,
  type Sandbox,
  type SandboxOptions,
  TrackSyncError,
} from '../index.ts'
import { nextSteps } from '../model/next-command.ts'
import { table } from '../options/all-options.ts'
import { readText, type Values } from './to-options.ts'

/** Where a run goes, and with which key. */
export interface Target {
  url: string
  key: string
  target?: string
}

/** The host and the key, from flag, environment or key file. */
export async function readTarget(
  { url = '', apiKeyFile }: Values,
  permission: string = endpoints.trackSync.permission,
): Promise<Target> {
  if (url === '') {
    throw new TrackSyncError('host_missing', 'No host is set, and there is no default.', {
      expected: 'the REST host of your instance in BRAZE_API_URL or --url',
      next: nextSteps.tryHere(
        'Set BRAZE_API_URL or --url to the REST host of your instance, such as https://rest.fra-01.braze.eu.',
      ),
    })
  }
  const fromFile = apiKeyFile === undefined ? undefined : (await readText(apiKeyFile, 'api-key-file')).trim()
  const key = fromFile ?? process.env[table.key.variable] ?? ''
  if (key === '') {
    throw new TrackSyncError('key_missing', 'No API key is set.', {
      expected: `a REST API key with the permission ${permission}`,
      next: 'Set BRAZE_API_KEY, or name a file with the key: --api-key-file FILE.',
    })
  }
  return { url, key }
}

/** A sandbox that accepts the rates of the run; without a rate it does not count requests. */
export async function sandboxFor(
  rate: Rate,
  lookupRate: Rate,
  readings: SandboxOptions['readings'] = {},
): Promise<Sandbox> {
  return await createSandbox({
    limit: limitFor(rate, limits.requestsPerMinute.max),
    exportLimit: limitFor(lookupRate, endpoints.exportIds.rate.requests),
    readings,
  })
}

function limitFor(rate: Rate, least: number): number | 'off' {
  const requests = perMinute(rate)
  return requests === null ? 'off' : Math.max(least, Math.ceil(requests))
}

/** A sandbox in this process, which accepts any key. */
export function targetOf({ url }: Sandbox): Target {
  return { url, key: 'sandbox', target: sandboxTarget }
}

export const sandboxTarget = 'sandbox'
