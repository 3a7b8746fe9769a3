import type { Endpoint } from './endpoints.ts'

/** Why an endpoint stops a run, and what to do about it. */
export interface Refusal {
  means: string
  next: string
}

/**
 * Why a status stops the run. It is uncertain which of 401, 403 and 404 a host responds with, so each message lists
 * everything that may be missing. Source: contract §7.
 */
export function refusalOf(status: number, endpoint: Endpoint): Refusal {
  const needs = needsOf(endpoint)
  switch (status) {
    case 401:
      return {
        means: 'it does not know the key. A key works on its own cluster only.',
        next: `Check BRAZE_API_KEY, and that BRAZE_API_URL is the REST host of your own instance. ${needs}`,
      }
    case 403:
      return { means: 'the key lacks the permission.', next: needs }
    case 404:
      return { means: `there is no ${endpoint.path}.`, next: `Check BRAZE_API_URL. ${needs}` }
    case 407:
      return {
        means: 'a proxy requires a user name and password; nothing reached the API.',
        next: 'Put them into the proxy URL: HTTPS_PROXY or --proxy, as in http://NAME:PASSWORD@HOST:PORT.',
      }
    case 421:
      return {
        means: 'it does not serve this address.',
        next: 'Check BRAZE_API_URL, and any proxy on the way.',
      }
    default:
      // Any 3XX: the API never redirects.
      return {
        means: 'it redirects, which the API never does.',
        next: 'Check BRAZE_API_URL.',
      }
  }
}

function needsOf({ permission, access }: Endpoint): string {
  const key = `The key needs the permission ${permission}`
  return access === undefined ? `${key}.` : `${key}, and the account must ${access}: ask your Braze contact.`
}
