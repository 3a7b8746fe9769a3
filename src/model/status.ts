import type { Sourced } from './source.ts'

/** What a status of the API means for a run. */
export interface Status extends Sourced {
  means: string
  /** `reconcile`: read the answer. `reject`: the row is at fault. `stop`: no request can succeed. `wait`: over the limit. `doubt`: may or may not be applied. */
  action: 'reconcile' | 'queued' | 'reject' | 'stop' | 'wait' | 'doubt'
}

/** Every status that is known of the endpoint. Source: contract §7. */
export const statuses = {
  201: status('Done; the answer shows the profile.', 'reconcile', 'documented', 'the seed page'),
  202: status('Put aside during maintenance.', 'queued', 'documented', 'braze-docs errors (older)'),
  400: status('Bad JSON, or nothing valid in it.', 'reject', 'documented', 'braze-docs errors'),
  401: status('The key is not known on this cluster.', 'stop', 'documented', 'braze-docs errors'),
  403: status(
    'The key may not do this, or the account is not in the beta.',
    'stop',
    'documented',
    'braze-docs errors',
  ),
  404: status('There is no such path.', 'stop', 'documented', 'braze-docs errors'),
  413: status(
    'The body is larger than 4 MB.',
    'reject',
    'documented',
    'braze.com/docs/api/endpoints/user_data',
  ),
  429: status('Over the limit; not applied.', 'wait', 'documented', 'braze-docs api_limits'),
  500: status('A fault of the server.', 'doubt', 'documented', 'braze-docs errors'),
  502: status('A gateway failed before the server.', 'doubt', 'documented', 'braze-docs errors'),
  503: status('No capacity, or no network.', 'doubt', 'documented', 'braze-docs errors'),
  504: status('The server behind the gateway was silent.', 'doubt', 'documented', 'braze-docs errors'),
} as const satisfies Record<number, Status>

/** What to do about any status; those that are not in the table are taken by their hundred. */
export function actionOf(code: number): Status['action'] {
  const known = Object.hasOwn(statuses, code) ? statuses[code as keyof typeof statuses] : undefined
  if (known !== undefined) return known.action
  if (code < 300) return 'reconcile'
  if (code < 400) return 'stop'
  return code < 500 ? 'reject' : 'doubt'
}

function status(means: string, action: Status['action'], basis: Status['basis'], source: string): Status {
  return { means, action, basis, source }
}
