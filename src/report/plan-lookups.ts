import type { LookupCosts, Plan, PlannedLookups } from '../model/plan.ts'
import { count, duration, number } from './summary-text.ts'

/** What a plan says of lookups: how many, how long they take, and which values are compared with what. */
export function lookupFigures(plan: Plan): [name: string, text: string][] {
  const { lookups } = plan
  if (lookups === undefined) return []
  const costs = lookupsText(plan)
  const looks: [string, string][] = costs === undefined ? [] : [['lookups', costs]]
  const isCompared = lookups.purposes.some(purpose => purpose !== 'snapshot')
  const text = isCompared ? comparedText(lookups) : notShownText(lookups)
  return text === undefined ? looks : [...looks, [isCompared ? 'compared' : 'not shown', text]]
}

/** Whether the plan is that of an audit. */
export function isAudit({ lookups }: Plan): boolean {
  return lookups?.purposes.includes('audit') === true
}

/** `48 for 2,400 users at 250 a minute, about 12 s`; undefined where nobody is looked up. */
export function lookupsText({ lookups }: Plan): string | undefined {
  if (!hasCosts(lookups) || lookups.users === 0) return undefined
  const { users, isEstimate, requests, perMinute, minutes } = lookups
  const about = isEstimate ? 'about ' : ''
  const shown = (value: number) => (isEstimate ? roughly(value) : value)
  const all = count(shown(users), 'user')
  return requests === 0
    ? `none, the profiles of ${about}${all} are read from disk`
    : `${about}${number(shown(requests))} for ${all} ${paceText(perMinute, minutes)}`
}

/** `at 500 a minute, about 2 min` */
export function paceText(perMinute: number | null, minutes: number | null): string {
  const at = perMinute === null ? 'without a rate limit' : `at ${number(perMinute)} a minute`
  const takes = minutes === null ? '' : `, ${minutes < 1 / 60 ? '' : 'about '}${duration(minutes * 60_000)}`
  return `${at}${takes}`
}

function hasCosts(lookups: PlannedLookups | undefined): lookups is PlannedLookups & LookupCosts {
  return lookups?.users !== undefined
}

/** An estimate, with three digits. */
function roughly(value: number): number {
  return Number(value.toPrecision(3))
}

/** `1,364 of 1,369 values: 803 in responses, 561 in profiles; no profile shows the other 5` */
function comparedText({ purposes, shown: { response, lookup, never } }: PlannedLookups): string | undefined {
  const total = response + lookup + never
  if (total === 0) return undefined
  const places = [
    ...(response === 0 ? [] : [`${number(response)} in ${response === 1 ? 'a response' : 'responses'}`]),
    ...(lookup === 0 ? [] : [`${number(lookup)} in ${lookup === 1 ? 'a profile' : 'profiles'}`]),
  ]
  const compared = `${number(response + lookup)} of ${count(total, 'value')}`
  const seen = purposes.includes('audit') || places.length === 0 ? [] : [`: ${places.join(', ')}`]
  const unseen = never === 0 ? [] : [`; no profile shows the other ${never === 1 ? 'one' : number(never)}`]
  return [compared, ...seen, ...unseen].join('')
}

/** `566 of 1,369 values are in no response; --verify profile looks up 560 of them`; undefined where it looks up none. */
function notShownText({ shown: { response, lookup, never } }: PlannedLookups): string | undefined {
  if (lookup === 0) return undefined
  const missing = lookup + never
  const values = `${number(missing)} of ${count(response + missing, 'value')}`
  if (missing === 1) return `${values} is in no response; --verify profile looks it up`
  const found = never === 0 ? 'all' : number(lookup)
  return `${values} are in no response; --verify profile looks up ${found} of them`
}
