import type { Sourced } from '../model/provenance.ts'

/** What a status of the API means for a request, and for the run. */
export interface Status extends Sourced {
  means: string
  /**
   * Whether the request took effect. `yes` holds for a readable answer only: one that cannot be read leaves it open, as
   * a lost answer does. `queued`: put aside; it will, some time. `maybe`: nobody can say.
   */
  applied: 'yes' | 'queued' | 'no' | 'maybe'
  /** What follows: the row has ended (`judge`, `reject`), it is sent again (`retry`, `wait`), or the run stops. */
  follows: keyof typeof steps
}

/** What can follow from a status, in the words of the documentation. */
export const steps = {
  judge: 'the values of the row are compared with the response',
  reject: 'the row is `rejected`',
  retry: 'retried after a backoff if it was not applied or does no harm twice; otherwise `unknown`',
  wait: 'all requests pause for as long as the response asks, then it is retried',
  stop: 'the run stops with exit code 5; a resume sends the row',
} as const

const gateway = 'RFC 9110; not documented for the API'

/** Every status that is known of the endpoint, and of what may stand before it. Source: contract §7. */
export const statuses = {
  201: status(
    'Accepted; the response shows the profile.',
    'yes',
    'judge',
    'braze-docs post_user_track_synchronous',
  ),
  202: status('Queued during maintenance.', 'queued', 'judge', 'braze-docs errors (older)'),
  400: status('Invalid JSON, or no valid data in it.', 'no', 'reject', 'braze-docs errors'),
  401: status('The key is not known on this cluster.', 'no', 'stop', 'braze-docs errors'),
  403: status(
    'The key lacks the permission, or the account is not in the beta.',
    'no',
    'stop',
    'braze-docs errors',
  ),
  404: status('The path does not exist.', 'no', 'stop', 'braze-docs errors'),
  407: assumed('A proxy requires a password; nothing reached the API.', 'no', 'stop', gateway),
  408: assumed('The request did not arrive completely in time.', 'no', 'retry', gateway),
  409: assumed('The request conflicts with the current state.', 'no', 'reject', gateway),
  413: status('The body is larger than 4 MB.', 'no', 'reject', 'braze.com/docs/api/endpoints/user_data'),
  421: assumed('This host does not serve the API.', 'no', 'stop', gateway),
  422: assumed('The request is well-formed, but its content is not accepted.', 'no', 'reject', gateway),
  425: assumed('Too early on a new connection; the request was not processed.', 'no', 'retry', gateway),
  429: status('Over the rate limit; not applied.', 'no', 'wait', 'braze-docs api_limits'),
  500: status('Server error.', 'maybe', 'retry', 'braze-docs errors'),
  502: status('A gateway in front of the server failed.', 'maybe', 'retry', 'braze-docs errors'),
  503: status('No capacity, or no network.', 'maybe', 'retry', 'braze-docs errors'),
  504: status('The server behind the gateway did not respond.', 'maybe', 'retry', 'braze-docs errors'),
} as const satisfies Record<number, Status>

/** Every other status, by its hundred. What is in none of them is no status of HTTP, and proves nothing. */
export const families = {
  '2XX': assumed('Accepted, if the response is from the API.', 'yes', 'judge', gateway),
  '3XX': assumed('A redirect, which the API never sends.', 'no', 'stop', gateway),
  '4XX': assumed('Rejected.', 'no', 'reject', gateway),
  '5XX': assumed('An error on the way or at the server.', 'maybe', 'retry', gateway),
} as const satisfies Record<string, Status>

/** What a status means, whichever it is. */
export function statusOf(code: number): Status {
  if (Object.hasOwn(statuses, code)) return statuses[code as keyof typeof statuses]
  if (code >= 200 && code < 300) return families['2XX']
  if (code >= 300 && code < 400) return families['3XX']
  if (code >= 400 && code < 500) return families['4XX']
  return families['5XX']
}

function status(
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
