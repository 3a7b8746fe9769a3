import type { Lost } from './exchange.ts'

/** What a network error means for a run. */
export interface NetworkCause {
  /** One sentence about the host or the connection to it. */
  means: string
  /** Whether any byte of the request may have been sent. For `maybe`, undici knows whether it began to write. */
  left: 'no' | 'maybe'
  /**
   * Whether a retry can help. `later`: it may. `never`: every request fails until something is changed. `never at first`:
   * the same, unless the host has responded before; then it is temporary.
   */
  works: 'later' | 'never' | 'never at first'
  /** What to do or to check. */
  next: string
}

const brokenConnection = 'The connection broke before the response.'
const checkHost = 'Check BRAZE_API_URL and the network.'
const trustAuthority =
  'If your proxy or firewall inspects encrypted connections, set NODE_EXTRA_CA_CERTS to the file of its certificate authority (PEM); otherwise check BRAZE_API_URL.'
const checkProxy = 'Check the proxy: --proxy, or HTTPS_PROXY, HTTP_PROXY and NO_PROXY.'
const askProxy = `Ask the administrator of the proxy to allow the host, or add the host to NO_PROXY. ${checkProxy}`

/** Every network error code. Unknown codes count as temporary. */
export const networkCauses = {
  ECONNREFUSED: later('Nothing is listening at this address.', 'no', checkHost),
  ENOTFOUND: later(
    'The host name is not known.',
    'no',
    'Check BRAZE_API_URL and the network. If you reach the internet through a proxy, set HTTPS_PROXY or --proxy.',
  ),
  EAI_AGAIN: later('The DNS server does not respond.', 'no', checkHost),
  EHOSTUNREACH: later('There is no route to the host.', 'no', checkHost),
  ENETUNREACH: later('There is no route to the network of the host.', 'no', checkHost),
  ETIMEDOUT: later('The host did not respond in time.', 'maybe', checkHost),
  ECONNRESET: later(brokenConnection, 'maybe', checkHost),
  EPIPE: later(brokenConnection, 'maybe', checkHost),
  UND_ERR_CONNECT_TIMEOUT: later(
    'The connection could not be made in time.',
    'no',
    'Check BRAZE_API_URL and the network. If you reach the internet through a proxy, set HTTPS_PROXY or --proxy.',
  ),
  UND_ERR_SOCKET: later(
    brokenConnection,
    'maybe',
    'Check BRAZE_API_URL, its `http` or `https` included, and the network.',
  ),
  UND_ERR_HEADERS_OVERFLOW: later('The headers of the response are too large.', 'maybe', checkHost),
  UND_ERR_DESTROYED: later('The run ended before the response arrived.', 'maybe', 'Try again.'),
  DEADLINE: later('No response arrived in time.', 'maybe', `--timeout allows more time. ${checkHost}`),
  // The next two are in journals of version 0.1.
  UND_ERR_HEADERS_TIMEOUT: later('No response arrived in time.', 'maybe', checkHost),
  UND_ERR_BODY_TIMEOUT: later('The response was not complete in time.', 'maybe', checkHost),
  PROXY_UNREACHABLE: later('The proxy cannot be reached.', 'no', checkProxy),
  PROXY_SILENT: later('The proxy does not respond in time, or closes the connection.', 'no', checkProxy),
  PROXY_GATEWAY: later('The proxy cannot reach the host.', 'no', checkProxy),

  PROXY_PASSWORD: never(
    'The proxy requires a user name and password, or does not accept those it was given (407).',
    'Put them into the address of the proxy (--proxy or HTTPS_PROXY): http://NAME:PASSWORD@HOST:PORT. Percent-encode special characters: @ as %40, : as %3A.',
  ),
  PROXY_REFUSED: never('The proxy refuses to connect to the host.', askProxy),
  UND_ERR_PRX_TLS: never('The certificate of the proxy is for another host name.', checkProxy),

  DEPTH_ZERO_SELF_SIGNED_CERT: never('Its certificate is self-signed.', trustAuthority),
  SELF_SIGNED_CERT_IN_CHAIN: never(
    'Its certificate comes from an authority that is not trusted.',
    trustAuthority,
  ),
  UNABLE_TO_GET_ISSUER_CERT: never('An issuer in its certificate chain is missing.', trustAuthority),
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: never(
    'Its certificate comes from an authority that this machine does not know.',
    trustAuthority,
  ),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: never(
    'Its certificate comes from an authority that this machine does not know.',
    trustAuthority,
  ),
  CERT_UNTRUSTED: never('Its certificate comes from an authority that is not trusted.', trustAuthority),
  CERT_CHAIN_TOO_LONG: never('Its certificate chain is too long.', trustAuthority),
  INVALID_CA: never('Its certificate chain contains a certificate that may not sign others.', trustAuthority),
  CERT_SIGNATURE_FAILURE: never('The signature of its certificate is invalid.', trustAuthority),
  CERT_REJECTED: never('Its certificate is marked as rejected.', trustAuthority),
  CERT_REVOKED: never('Its certificate has been revoked.', checkHost),
  INVALID_PURPOSE: never('Its certificate is not valid for servers.', checkHost),
  CERT_HAS_EXPIRED: never(
    'Its certificate has expired.',
    'Check the clock of this machine; if it is right, the host needs a new certificate.',
  ),
  CERT_NOT_YET_VALID: never('Its certificate is not valid yet.', 'Check the clock of this machine.'),
  HOSTNAME_MISMATCH: never(
    'Its certificate is for another host name.',
    'Check the host name in BRAZE_API_URL.',
  ),
  ERR_TLS_CERT_ALTNAME_INVALID: never(
    'Its certificate is for another host name.',
    'Check the host name in BRAZE_API_URL.',
  ),
} as const satisfies Record<string, NetworkCause>

/** Families of codes, by their prefix. */
export const networkFamilies = {
  HPE_: {
    means: 'The server does not speak HTTP/1.1.',
    left: 'maybe',
    works: 'never at first',
    next: 'Check BRAZE_API_URL: its `http` or `https`, its port, and whether the API is what listens there.',
  },
  ERR_SSL_: {
    means: 'An encrypted connection to the server cannot be established.',
    left: 'no',
    works: 'never at first',
    next: 'Check BRAZE_API_URL: its `https` and its port.',
  },
  EPROTO: {
    means: 'An encrypted connection to the server cannot be established.',
    left: 'no',
    works: 'never at first',
    next: 'Check BRAZE_API_URL: its `https` and its port.',
  },
} as const satisfies Record<string, NetworkCause>

/** What a code means; unknown codes count as temporary. */
export function networkCauseOf(code: string): NetworkCause {
  if (Object.hasOwn(networkCauses, code)) return networkCauses[code as keyof typeof networkCauses]
  const family = Object.entries(networkFamilies).find(([begin]) => code.startsWith(begin))
  return family?.[1] ?? later('It cannot be reached.', 'maybe', checkHost)
}

/** Whether no request can succeed until something is changed; `hasAnswered` says whether the host ever responded. */
export function isHopeless({ reason }: Lost, hasAnswered: boolean): boolean {
  const { works } = networkCauseOf(reason)
  return works === 'never' || (works === 'never at first' && !hasAnswered)
}

function later(means: string, left: NetworkCause['left'], next: string): NetworkCause {
  return { means, left, works: 'later', next }
}

/** An error that every request hits before anything is sent. */
function never(means: string, next: string): NetworkCause {
  return { means, left: 'no', works: 'never', next }
}
