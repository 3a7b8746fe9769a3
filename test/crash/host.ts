import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { respond } from '../../src/sandbox/respond.ts'
import { Profiles } from '../../src/sandbox/profile.ts'

/** What a host knows of one row: its own account, against which everything that is told of the row is held. */
export interface Known {
  /** Times that it wrote the row. */
  applied: number
  /** An answer to a request of it was lost, or said nothing of what became of it. */
  struck: boolean
  /** Written for the first time when a later row of its lane had been written already. */
  late: boolean
  /** The last that was written of its lane is an earlier row, whose values are what is left. */
  undone: boolean
}

/** Moments of a call: the request is here; it is written; the answer has left. */
export const moments = ['arrived', 'written', 'answered'] as const
export type Moment = (typeof moments)[number]

/** What goes wrong, how often in a thousand calls, whether it is written all the same, and what is left of the answer. */
const faults = [
  { often: 10, applies: false, send: cut },
  { often: 15, applies: true, send: cut },
  { often: 10, applies: true, send: half },
  { often: 10, applies: false, send: status(503) },
  { often: 5, applies: true, send: status(502) },
] as const
/** Another that leaves no doubt: nothing was written. */
const overLimit = { often: 3, applies: false, send: status(429) } as const

/** A host that fails in every way a host can, and keeps an account of what it wrote. */
export interface HostileHost {
  url: string
  known: (token: number) => Known
  /** Forgets its account, not its users. */
  clear: () => void
  /** Nothing goes wrong, or does again. */
  behave: (well: boolean) => void
  /** Calls something at a moment of the call that comes so many calls from now; returns how to take that back. */
  at: (calls: number, moment: Moment, call: () => void) => () => void
  close: () => Promise<void>
}

/** `laneOf` says of a row which others it must not overtake, `isRefused` whether the host never takes it. */
export async function hostileHost(
  random: () => number,
  rows: { laneOf: (token: number) => string; isRefused: (token: number) => boolean },
): Promise<HostileHost> {
  const profiles = new Profiles()
  const account = new Map<number, Omit<Known, 'undone'>>()
  /** Of each lane the row that came last in the input, and the one that was written last. */
  const lanes = new Map<string, { highest: number; last: number }>()
  const bells = new Set<{ calls: number; moment: Moment; call: () => void }>()
  let isWell = false

  function of(token: number) {
    const found = account.get(token) ?? { applied: 0, struck: false, late: false }
    account.set(token, found)
    return found
  }

  function ring(moment: Moment): void {
    for (const bell of bells) {
      if (bell.moment === moment && --bell.calls < 0 && bells.delete(bell)) bell.call()
    }
  }

  function write(body: string): { status: number; body: string } {
    const request = {
      method: 'POST',
      path: '/users/track/sync',
      headers: { authorization: 'Bearer k' },
      body,
    }
    const reply = respond(request, profiles, Date.now(), null)
    if (reply.written !== null) {
      profiles.save(reply.written)
      for (const token of tokensIn(body)) note(token)
    }
    return { status: reply.response.status, body: JSON.stringify(reply.response.body) }
  }

  function note(token: number): void {
    const row = of(token)
    const lane = rows.laneOf(token)
    const { highest } = lanes.get(lane) ?? { highest: 0 }
    row.late ||= row.applied === 0 && highest > token
    row.applied++
    lanes.set(lane, { highest: Math.max(highest, token), last: token })
  }

  async function handle(body: string, response: ServerResponse): Promise<void> {
    ring('arrived')
    const tokens = tokensIn(body)
    if (tokens.some(rows.isRefused)) {
      response.writeHead(400, json).end('{"message":"Bad Request"}')
      return ring('answered')
    }
    const fault = isWell ? undefined : drawn(random())
    const isDoubtful = fault !== undefined && fault !== overLimit
    if (isDoubtful) for (const token of tokens) of(token).struck = true
    const said = fault?.applies === false ? undefined : write(body)
    if (said !== undefined) ring('written')
    await new Promise(resolve => setTimeout(resolve, 2 + random() * 12))
    if (fault !== undefined) fault.send(response, said?.body ?? '')
    else if (said !== undefined) response.writeHead(said.status, json).end(said.body)
    ring('answered')
  }

  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.on('end', () => void handle(body, response))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    known: token => {
      const { highest, last } = lanes.get(rows.laneOf(token)) ?? { highest: 0, last: 0 }
      return { ...of(token), undone: highest === token && last !== token }
    },
    clear: () => {
      account.clear()
      lanes.clear()
    },
    behave: well => {
      isWell = well
    },
    at: (calls, moment, call) => {
      const bell = { calls, moment, call }
      bells.add(bell)
      return () => bells.delete(bell)
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

/** The rows of a request, in input order: each carries its number, which no other figure of the input looks like. */
export function tokensIn(body: string): number[] {
  return [...new Set(body.match(/\b1\d{6}\b/g))].map(Number).toSorted((a, b) => a - b)
}

const json = { 'content-type': 'application/json' }

function drawn(random: number): (typeof faults)[number] | typeof overLimit | undefined {
  let left = random * 1000
  return [...faults, overLimit].find(({ often }) => (left -= often) < 0)
}

function cut(response: ServerResponse): void {
  response.destroy()
}

function half(response: ServerResponse, body: string): void {
  response.writeHead(201, { ...json, 'content-length': String(body.length) })
  response.write(body.slice(0, body.length / 2), () => response.destroy())
}

function status(code: number) {
  return (response: ServerResponse): void => {
    response.writeHead(code, json).end('{"message":"Later"}')
  }
}
