/** The look of the report page: light and dark, on paper, on a phone. */
export const styles: { text: string } = {
  text: `
:root { --fg: #1d2129; --soft: #5a6270; --bg: #fff; --line: #dfe3e8; --good: #1a7f4b; --calm: #6b7d94; --warn: #b35900; --bad: #b3261e; --wait: #7a4fb5 }
@media (prefers-color-scheme: dark) { :root { --fg: #e8eaed; --soft: #a3acb8; --bg: #15181d; --line: #333941; --good: #4cc38a; --calm: #8fa3bd; --warn: #f0a04b; --bad: #f2837b; --wait: #b592e8 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--bg); color: var(--fg); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 68rem; margin: 0 auto; padding: 2rem 1rem 4rem }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0 0 1rem }
h2 { font-size: 1.1rem; margin: 2.5rem 0 .5rem }
.about { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin: 0 }
dt { color: var(--soft); font-size: .8rem }
dd { margin: 0; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100%; font-size: .9rem }
th, td { text-align: left; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; font-weight: normal; overflow-wrap: break-word }
thead th { color: var(--soft); font-size: .8rem }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.sum th, .sum td { border-bottom: 0; font-weight: 600 }
.wide { overflow-x: auto }
.bar { display: flex; height: 1rem; border-radius: .25rem; overflow: hidden; margin: .5rem 0 1rem; gap: 1px }
.bar span { min-width: 3px }
i { display: inline-block; width: .7rem; height: .7rem; border-radius: .15rem; margin-right: .5rem }
.verified { background: var(--good) } .unverifiable, .unchanged { background: var(--calm) }
.mismatched, .held, .not_sent { background: var(--warn) } .rejected, .invalid { background: var(--bad) } .unknown { background: var(--wait) }
code { overflow-wrap: anywhere; font: .85rem/1.4 ui-monospace, monospace }
@media print { main { max-width: none; padding: 0 } tr { break-inside: avoid } }
`,
}
