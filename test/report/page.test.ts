import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Account } from '../../src/model/account.ts'
import type { RunFacts } from '../../src/model/run-facts.ts'
import { judgedValues } from '../../src/report/judged.ts'
import { escape, html, join } from '../../src/report/markup.ts'
import { Findings } from '../../src/report/page/findings.ts'
import { page } from '../../src/report/page/page.ts'
import { Tally } from '../../src/report/tally.ts'
import { account, everyOutcome, planFile, runFacts, unsent } from '../support/build.ts'

async function pageOf(accounts: Account[], facts: RunFacts = runFacts(accounts.length)): Promise<string> {
  const tally = new Tally()
  const findings = new Findings(facts)
  for (const one of accounts) {
    tally.add(one, judgedValues(one))
    findings.add(one, judgedValues(one))
  }
  const files = ['summary.json', 'rows.csv', 'rejects.csv']
  return await page(tally.summary(facts), facts, findings, { run: 'runs/one two', files })
}

const hostile = `</code></title></style><script>alert("1")</script><img src=x onerror='alert(1)'>]]>&amp;`
const harmless =
  '&lt;/code&gt;&lt;/title&gt;&lt;/style&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;]]&gt;&amp;amp;'

/** The page's own tags: what is left once the text between them is taken out. */
const tagsOf = (text: string) => [...text.matchAll(/<\/?([a-z0-9]+)/g)].map(([, name]) => name)

/** The page without its style and its script, which no value can reach. */
const bodyOf = (text: string) => text.replaceAll(/<(style|script)>[^]*?<\/\1>/g, '')

describe('hostile values', () => {
  const mismatched = account({
    file: hostile,
    user: JSON.stringify({ external_id: hostile }),
    outcome: 'mismatched',
    body: { external_id: 'u', [hostile]: hostile },
    echoed: { external_id: 'u', custom_attributes: { [hostile]: [hostile] } },
    reasons: ['unexplained'],
  })
  const rejected = unsent({
    user: mismatched.user,
    outcome: 'rejected',
    reason: hostile,
    message: hostile,
    raw: Buffer.from(hostile),
  })
  const stop = { exit: 'stopped' as const, message: hostile, next: hostile }
  const facts = runFacts(2, {
    run: hostile,
    target: hostile,
    status: 'stopped',
    stop,
    planned: {
      objects: 2,
      invalid: 0,
      types: {},
      files: [planFile({ path: hostile, sha256: hostile, header: null })],
    },
  })

  test('stand on the page as text', async () => {
    const text = bodyOf(await pageOf([mismatched, rejected], facts))
    expect(text.split(harmless).length).toBeGreaterThan(5)
    expect(text).not.toMatch(/<img|onerror='|alert\("/)
    expect(escape(hostile)).toBe(harmless)
  })

  test('bring no tag that a harmless page does not have', async () => {
    const mild =
      'mild, and as long as that other one, so that it is cut where that one is cut, which is behind so many letters'
    const text = await pageOf([mismatched, rejected], facts)
    const other = await pageOf(
      [
        {
          ...mismatched,
          file: mild,
          user: JSON.stringify({ external_id: mild }),
          body: { external_id: 'u', [mild]: mild },
          echoed: { external_id: 'u', custom_attributes: { [mild]: [mild] } },
        },
        { ...rejected, reason: mild, message: mild, raw: Buffer.from(mild) },
      ],
      {
        ...facts,
        run: mild,
        target: mild,
        stop: { ...stop, message: mild, next: mild },
        planned: {
          objects: 2,
          invalid: 0,
          types: {},
          files: [planFile({ path: mild, sha256: mild, header: null })],
        },
      },
    )
    expect(tagsOf(text)).toEqual(tagsOf(other))
  })

  test('whatever they hold, leave every element closed and nothing invisible', async () => {
    const anyText = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.constantFrom('\u202e', '\0', '`', '\u200b\u2028'),
    )
    await fc.assert(
      fc.asyncProperty(anyText, anyText, anyText, async (asked, came, field) => {
        const one = account({
          outcome: 'mismatched',
          file: field,
          body: { external_id: 'u', [`x${field}`]: asked },
          echoed: { external_id: 'u', custom_attributes: { [`x${field}`]: came } },
          reasons: ['unexplained'],
        })
        const other = unsent({ outcome: 'unknown', message: asked, raw: Buffer.from(came) })
        const text = bodyOf(await pageOf([one, other]))
        expectClosed(text)
        expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
      }),
      { numRuns: 60 },
    )
  })

  test('are escaped once and only once by the template', () => {
    expect(html`<b>${'<'}</b>${html`<i>${'&'}</i>`}${3}`.text).toBe('<b>&lt;</b><i>&amp;</i>3')
    expect(join([html`${'<'}`, html`${'>'}`], ', ').text).toBe('&lt;, &gt;')
  })
})

describe('the page', () => {
  const facts = runFacts(10, { target: 'https://rest.iad-01.braze.com' })

  test('lets nothing run and nothing style it but its own, and fetches nothing', async () => {
    const text = await pageOf(everyOutcome(), facts)
    const inside = (tag: string) => new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(text)?.[1] ?? ''
    const hash = (content: string) => `'sha256-${createHash('sha256').update(content).digest('base64')}'`
    expect(text).toContain(
      `content="default-src &#39;none&#39;; style-src ${escape(hash(inside('style')))}; script-src ${escape(hash(inside('script')))}; base-uri &#39;none&#39;; form-action &#39;none&#39;"`,
    )
    expect(inside('script').length).toBeLessThan(4000)
    const markup = bodyOf(text).replaceAll('https://rest.iad-01.braze.com', '')
    expect(markup).not.toMatch(
      /https?:|\/\/|\b(src|srcset|action|style)=|href="[^#]|url\(|@import|<(link|iframe|img|form|base|object)|\bon[a-z]+=/i,
    )
  })

  test('opens and closes each element', async () => {
    expectClosed(bodyOf(await pageOf(everyOutcome(), facts)))
  })

  test('shows each outcome that was met, with its number and its meaning', async () => {
    const text = await pageOf(everyOutcome(), facts)
    const figures = [...text.matchAll(/<th scope="row"><b class="sign (\w+)"[^]*?<td class="n">(\d+)<\/td>/g)]
    expect(Object.fromEntries(figures.map(([, outcome, rows]) => [outcome, rows]))).toEqual({
      verified: '2',
      unverifiable: '1',
      mismatched: '1',
      rejected: '1',
      invalid: '1',
      unknown: '1',
      held: '1',
      unchanged: '1',
      not_sent: '1',
    })
    expect(text).toContain('5 of 10 rows need attention')
    expect(text).toContain('sent, but no readable response; may or may not have been applied')
  })

  test('says for each field how often it differs and the commonest reason', async () => {
    const text = await pageOf(everyOutcome(), facts)
    const plan = /<bdi class="field">plan<\/bdi><\/th>[^]*?<\/tr>/.exec(text)?.[0] ?? ''
    expect(
      plan
        .replaceAll(/<[^>]+>/g, ' ')
        .split(/\s+/)
        .filter(Boolean)
        .slice(1, 4),
    ).toEqual(['1', '2', '1'])
    expect(plan).toContain('The profile holds something else, and no known rule explains it.')
  })

  test('puts what was asked beside what came, and marks the difference', async () => {
    expect(await pageOf(everyOutcome(), facts)).toContain(
      '<td><code>&quot;<mark>gold</mark>&quot;</code></td><td><code>&quot;<mark>silver</mark>&quot;</code></td>',
    )
  })

  test('says what to do about every outcome that asks for it, and names the files that are there', async () => {
    const text = await pageOf(everyOutcome(), facts)
    const steps = /<ol class="steps">[^]*?<\/ol>/.exec(text)?.[0] ?? ''
    for (const outcome of ['unknown', 'rejected', 'invalid', 'held', 'differing']) {
      expect(steps).toContain(`<a href="#${outcome}">`)
      expect(text).toContain(`<section id="${outcome}"`)
    }
    expect(steps).toContain('<code>rejects.csv</code>')
  })

  test('of a run that stopped says how to go on', async () => {
    const resumeWith = { 'max-errors': '40' }
    const stop = { exit: 'stopped' as const, message: 'It is.', next: 'See.', resumeWith }
    const text = await pageOf(everyOutcome(), runFacts(10, { status: 'stopped', stop, run: 'one two' }))
    expect(text).toContain('<code>track-sync resume &#39;runs/one two&#39; --max-errors 40</code>')
    expect(text).toContain('<h1>Stopped after 9 of 10 rows: It is.</h1>')
  })

  test.each<[string, Partial<RunFacts>]>([
    [
      'Interrupted after 9 of 10 rows.',
      { status: 'interrupted', stop: { exit: 'interrupted', message: 'x' } },
    ],
    ['The process ended before the run was complete, after 9 of 10 rows.', { status: null }],
    ['Stopped while reading the files; nothing was sent.', { status: 'interrupted', planned: null }],
    ['Finished; 5 of 10 rows need attention.', {}],
  ])('opens with one sentence on how the run went: %s', async (sentence, more) => {
    expect(await pageOf(everyOutcome(), { ...facts, ...more })).toContain(`<h1>${sentence}</h1>`)
  })

  test('never says that all is well where it is not', async () => {
    const well = await pageOf([account()])
    expect(well).toContain('the one value that could be compared is stored as requested')
    expect(well).toContain('<p>Nothing to do.</p>')
    expect(await pageOf(everyOutcome(), facts)).not.toContain('stored as requested.</h1>')
    expect(await pageOf([account({ outcome: 'unverifiable', reasons: ['queued_202'] })])).toContain(
      'no values to compare',
    )
  })

  test.each([
    ['utf-8', Buffer.from('Muñoz,€')],
    ['utf-16le', Buffer.from('Muñoz,€', 'utf16le')],
    ['utf-16be', Buffer.from('Muñoz,€', 'utf16le').swap16()],
    ['windows-1252', Buffer.from([0x4d, 0x75, 0xf1, 0x6f, 0x7a, 0x2c, 0x80])],
  ] as const)('shows a record as it is written, in %s', async (encoding, raw) => {
    const planned = { objects: 1, invalid: 0, types: {}, files: [planFile({ header: null, encoding })] }
    const text = await pageOf([unsent({ outcome: 'unknown', raw })], runFacts(1, { planned }))
    expect(text).toContain('<code>Muñoz,€</code>')
  })

  test('counts what a killed run did not reach, which is in no list', async () => {
    const text = await pageOf(everyOutcome(), runFacts(15, { status: null }))
    expect(text).toContain('5 rows had not been reached when the run ended')
  })
})

describe('however large the run', () => {
  test('the first thousand values are shown, with a pointer to the rest', async () => {
    const one = account({ outcome: 'mismatched', reasons: ['unexplained'] })
    const text = await pageOf(Array.from({ length: 1001 }, () => one))
    expect(text).toContain('The first 1,000 of 1,001; all are in <code>values.csv</code>.')
    expect(text.split('<bdi class="field">plan</bdi><br>').length - 1).toBe(1000)
  })

  test('and however hostile, the page stays under 3 MB', async () => {
    const worst = '"<\u202e'.repeat(300)
    const user = JSON.stringify({ user_alias: { alias_name: worst, alias_label: worst } })
    const outcomes = ['mismatched', 'unknown', 'rejected', 'invalid', 'held', 'not_sent'] as const
    const accounts = outcomes.flatMap(outcome =>
      Array.from({ length: 1200 }, (_, i) => {
        const body = { external_id: 'u', [`${worst}${i}`]: worst }
        const echoed = { external_id: 'u', custom_attributes: { [`${worst}${i}`]: `${i}${worst}` } }
        const message = `${i}${worst}`
        return account({
          outcome,
          user,
          body,
          echoed,
          message,
          reasons: ['unexplained'],
          raw: Buffer.from(worst),
        })
      }),
    )
    const files = Array.from({ length: 500 }, (_, i) => planFile({ path: `${worst}${i}`, header: null }))
    const planned = { objects: accounts.length, invalid: 0, types: {}, files }
    const facts = runFacts(accounts.length, {
      run: worst,
      target: worst,
      planned,
      inputs: files.map(f => f.path),
    })
    expect(Buffer.byteLength(await pageOf(accounts, facts))).toBeLessThan(3_000_000)
  })
})

function expectClosed(text: string): void {
  const open: string[] = []
  for (const [tag, close, name = '', whole] of text.matchAll(/<(\/?)([a-zA-Z0-9]+)[^>]*?(\/?)>/g)) {
    if (['meta', 'doctype', 'br'].includes(name) || whole === '/') continue
    if (close === '') open.push(name)
    else expect(open.pop(), tag).toBe(name)
  }
  expect(open).toEqual([])
}

describe('an audit', () => {
  const lookups = { requests: 12, users: 600, failed: 0, settled: 10 }
  const shown = (text: string) =>
    bodyOf(text)
      .replaceAll(/<[^>]*>/g, ' ')
      .replaceAll(/\s+/g, ' ')
  // Nothing is rejected or held, or was unchanged, where nothing is sent.
  const compared = everyOutcome().filter(
    ({ outcome }) => !['rejected', 'held', 'unchanged'].includes(outcome),
  )

  test('says what was compared with what, and has no figures of sending', async () => {
    const none = { sent: 0, answered: 0, gaps: 0, gapsMs: 0, latency: new Uint32Array(10) }
    const requests = { ...runFacts(1).requests, ...none }
    const facts = runFacts(compared.length, { isAudit: true, lookups, requests, limitPerMinute: null })
    const text = shown(await pageOf(compared, facts))
    expect(text).toContain('in.csv, compared with sandbox')
    expect(text).toContain('Compared with sandbox')
    expect(text).toContain('Lookups 600 users looked up in 12 requests')
    expect(text).toContain('1 row has a value that differs from the profile.')
    expect(text).toContain('then audit')
    expect(text).not.toMatch(/Sent to|\bRequests\b|How the run went|track-sync resume/)
  })

  test('that was stopped, or has a damaged journal, is to be started again', async () => {
    const stopped = { isAudit: true, status: 'interrupted' as const, lookups }
    const text = shown(await pageOf(compared, runFacts(compared.length, stopped)))
    expect(text).toContain('Start the audit again: it changes nothing.')
    expect(text).toContain('Start the audit again to compare them.')
    const damage = { line: 3, byte: 100, why: 'it is no JSON object' }
    const damaged = { isAudit: true, status: null, damage, lookups }
    const other = shown(await pageOf(compared, runFacts(compared.length, damaged)))
    expect(other).toContain('The journal of this audit is damaged')
    expect(other).not.toContain('--skip-unchanged')
  })
})

test('an import with lookups says how many there were, and what its values are shown in', async () => {
  const facts = runFacts(10, { lookups: { requests: 12, users: 600, failed: 0, settled: 10 } })
  const text = await pageOf(everyOutcome(), facts)
  expect(text).toContain('<dt>Lookups</dt><dd>12 requests, 600 users</dd>')
  expect(text).toContain('if neither a response nor a profile shows it')
})
