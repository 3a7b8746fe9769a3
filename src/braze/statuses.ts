import type { Sourced } from '../model/provenance.ts'

/** What a status code means for the request and for the run. */
export interface Status extends Sourced {
  means: string
  /**
   * Whether the request was applied. `yes` requires a readable response; otherwise it is as uncertain as a lost one.
   * `queued`: it will be applied later. `maybe`: there is no way to know.
   */
  applied: 'yes' | 'queued' | 'no' | 'maybe'
  /** What happens next: the row ends (`judge`, `reject`), it is sent again (`retry`, `wait`), or the run stops. */
  follows: keyof typeof steps
}

/** The possible next steps, as the documentation describes them. */
export const steps = {
  judge: 'the values of the row are compared with the response',
  reject: 'the row is `rejected`',
  retry: 'retried after a backoff if it was not applied or does no harm twice; otherwise `unknown`',
  wait: 'all requests pause for as long as the response asks, then it is retried',
  stop: 'the run stops with exit code 5; a resume sends the row',
} as const

const gateway = 'RFC 9110; not documented for the API'

/** Every known status code of the endpoint, and of proxies in front of it. Source: contract §7. */
export const statuses = {
  201: documented(
    'Accepted; the response shows the profile.',
    'yes',
    'judge',
    'braze-docs post_user_track_synchronous',
  ),
  202: documented('Queued during maintenance.', 'queued', 'judge', 'braze-docs errors (older)'),
  400: documented('Invalid JSON, or no valid data in it.', 'no', 'reject', 'braze-docs errors'),
  401: documented('The key is not known on this cluster.', 'no', 'stop', 'braze-docs errors'),
  403: documented(
    'The key lacks the permission, or the account is not in the beta.',
    'no',
    'stop',
    'braze-docs errors',
  ),
  404: documented('The path does not exist.', 'no', 'stop', 'braze-docs errors'),
  407: assumed('A proxy requires a password; nothing reached the API.', 'no', 'stop', gateway),
  408: assumed('The request did not arrive completely in time.', 'no', 'retry', gateway),
  409: assumed('The request conflicts with the current state.', 'no', 'reject', gateway),
  413: documented('The body is larger than 4 MB.', 'no', 'reject', 'braze.com/docs/api/endpoints/user_data'),
  421: assumed('This host does not serve the API.', 'no', 'stop', gateway),
  422: assumed('The request is well-formed, but its content is not accepted.', 'no', 'reject', gateway),
  425: assumed('Too early on a new connection; the request was not processed.', 'no', 'retry', gateway),
  429: documented('Over the rate limit; not applied.', 'no', 'wait', 'braze-docs api_limits'),
  500: documented('Server error.', 'maybe', 'retry', 'braze-docs errors'),
  502: documented('A gateway in front of the server failed.', 'maybe', 'retry', 'braze-docs errors'),
  503: documented('No capacity, or no network.', 'maybe', 'retry', 'braze-docs errors'),
  504: documented('The server behind the gateway did not respond.', 'maybe', 'retry', 'braze-docs errors'),
} as const satisfies Record<number, Status>

/** All other status codes by class. Codes outside of these classes are not valid HTTP and treated as 5XX. */
export const families = {
  '2XX': assumed('Accepted, if the response is from the API.', 'yes', 'judge', gateway),
  '3XX': assumed('A redirect, which the API never sends.', 'no', 'stop', gateway),
  '4XX': assumed('Rejected.', 'no', 'reject', gateway),
  '5XX': assumed('An error on the way or at the server.', 'maybe', 'retry', gateway),
} as const satisfies Record<string, Status>

export function statusOf(code: number): Status {
  if (Object.hasOwn(statuses, code)) return statuses[code as keyof typeof statuses]
  if (code >= 200 && code < 300) return families['2XX']
  if (code >= 300 && code < 400) return families['3XX']
  if (code >= 400 && code < 500) return families['4XX']
  return families['5XX']
}

function documented(
  means: string,
  applied: Status['applied'],
  follows: Status['follows'],
  source: string,
): Status {
  return { means, applied, follows, basis: 'documented', source }
}

function assumed(
  means: string,
  applied: Status['applied'],
  follows: Status['follows'],
  source: string,
): Status {
  return { means, applied, follows, basis: 'assumed', source }
}

/** Whether a request may have been applied although its response does not say so. */
export function leavesDoubt(status: number, isReadable: boolean): boolean {
  const { applied, follows } = statusOf(status)
  return applied === 'maybe' || (follows === 'judge' && !isReadable)
}
