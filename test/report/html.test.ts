import { describe, expect, test } from 'vitest'
import type { Account } from '../../src/model/account.ts'
import type { RunFacts } from '../../src/model/run-facts.ts'
import { Differences, page } from '../../src/report/html.ts'
import { judgedValues } from '../../src/report/judged.ts'
import { escape, html, join } from '../../src/report/markup.ts'
import { Tally } from '../../src/report/tally.ts'
import { account, everyOutcome, runFacts, unsent } from '../support/build.ts'

function pageOf(accounts: Account[], facts: RunFacts = runFacts(accounts.length)): string {
  const tally = new Tally()
  const differences = new Differences()
  for (const one of accounts) {
    tally.add(one, judgedValues(one))
    differences.add(one, judgedValues(one))
  }
  return page(tally.summary(facts), facts, differences)
}

const hostile = `</code></title></style><script>alert("1")</script><img src=x onerror='alert(1)'>]]>&amp;`
const harmless =
  '&lt;/code&gt;&lt;/title&gt;&lt;/style&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;]]&gt;&amp;amp;'

/** The page's own tags: what is left once the text between them is taken out. */
const tagsOf = (text: string) => [...text.matchAll(/<\/?([a-z0-9]+)/g)].map(([, name]) => name)

describe('hostile values', () => {
  const mismatched = account({
    file: hostile,
    user: hostile,
    outcome: 'mismatched',
    body: { external_id: 'u', [hostile]: hostile },
    echoed: { external_id: 'u', custom_attributes: { [hostile]: [hostile] } },
    reasons: ['unexplained'],
  })
  const rejected = unsent({ user: hostile, outcome: 'rejected', reason: hostile, message: hostile })
  const stop = { exit: 'stopped' as const, message: hostile, next: hostile }
  const facts = runFacts(2, {
    run: hostile,
    target: hostile,
    status: 'stopped',
    stop,
    planned: { objects: 2, invalid: 0, types: {}, files: [plannedFile(hostile)] },
  })
  const text = pageOf([mismatched, rejected], facts)

  test('stand on the page as text', () => {
    expect(text).toContain(harmless)
    expect(text).not.toMatch(/<script|<img|onerror='|alert\("/)
    const quiet = escape(hostile)
    expect(quiet).toBe(harmless)
  })

  test('bring no tag that a harmless page does not have', () => {
    const files = [plannedFile('p')]
    const planned = { objects: 2, invalid: 0, types: {}, files }
    const harmlessFacts = { ...facts, run: 'r', target: 't', planned }
    const plain = account({
      ...mismatched,
      file: 'f',
      user: 'u',
      body: { external_id: 'u', a: 'x' },
      echoed: { external_id: 'u', custom_attributes: { a: ['x'] } },
    })
    const mild = { ...harmlessFacts, stop: { ...stop, message: 'm', next: 'n' } }
    const other = pageOf([plain, { ...rejected, user: 'u', reason: 'r', message: 'm' }], mild)
    expect(tagsOf(text)).toEqual(tagsOf(other))
  })

  test('are escaped once and only once by the template', () => {
    expect(html`<b>${'<'}</b>${html`<i>${'&'}</i>`}${3}`.text).toBe('<b>&lt;</b><i>&amp;</i>3')
    expect(join([html`${'<'}`, html`${'>'}`], ', ').text).toBe('&lt;, &gt;')
  })
})

describe('the page', () => {
  const text = pageOf(everyOutcome(), runFacts(10, { target: 'https://rest.iad-01.braze.com' }))

  test('is whole in itself: nothing to fetch, nothing that runs', () => {
    expect(text).toContain(
      `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    )
    const markup = text.replaceAll('https://rest.iad-01.braze.com', '')
    expect(markup).not.toMatch(
      /https?:|\/\/|\b(src|href|srcset|action)=|url\(|@import|<(script|link|iframe|img|form|base|object)|\bon[a-z]+=/i,
    )
  })

  test('opens and closes each element', () => {
    const open: string[] = []
    for (const [tag, close, name = ''] of text.matchAll(/<(\/?)([a-z0-9]+)[^>]*>/g)) {
      if (['meta', 'doctype'].includes(name)) continue
      if (close === '') open.push(name)
      else expect(open.pop(), tag).toBe(name)
    }
    expect(open).toEqual([])
  })

  test('shows each outcome that was met, with its number, and the values that differ', () => {
    for (const outcome of [
      'verified',
      'unverifiable',
      'mismatched',
      'rejected',
      'invalid',
      'unknown',
      'held',
    ]) {
      expect(text).toContain(`<i class="${outcome}"></i>${outcome}</th><td class="n">`)
    }
    expect(text).toContain('<td><code>&quot;gold&quot;</code></td><td><code>&quot;silver&quot;</code></td>')
    expect(text).toContain('5 rows of 10 need attention')
  })

  test('never says that all is well where it is not', () => {
    expect(pageOf([account()])).toContain('the one value that could be compared is stored as asked')
    expect(text).not.toContain('stored as asked</h1>')
    expect(pageOf([account({ outcome: 'unverifiable', reasons: ['queued_202'] })])).toContain(
      'no values to compare',
    )
  })
})

test('a page of many differences shows the first thousand and says so', () => {
  const one = account({ outcome: 'mismatched', reasons: ['unexplained'] })
  const text = pageOf(Array.from({ length: 1001 }, () => one))
  expect(text).toContain('The first 1,000 of 1,001; all are in values.csv.')
  expect(text.split('<th scope="row">plan</th><td><code>').length - 1).toBe(1000)
})

function plannedFile(path: string) {
  const written = { format: 'csv', encoding: 'utf-8', delimiter: ',', packing: null, shapes: {} } as const
  return { path, bytes: 1, sha256: path, ...written, rows: 2, header: null }
}
