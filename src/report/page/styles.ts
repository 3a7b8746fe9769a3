/** The look of the page: light and dark, on paper, on a phone. System fonts; one accent an outcome. */
export const styles = `
:root {
  --fg: #1b1f24; --soft: #565e69; --bg: #fff; --line: #dde1e6; --tint: #f4f6f8; --on: #fff; --accent: #2a5db0; --mark: #ffe9b8;
  --verified: #1a7a48; --unverifiable: #4f6b8a; --mismatched: #a04e00; --rejected: #b7241b; --invalid: #9c2463;
  --unknown: #6b45b5; --held: #776000; --unchanged: #1f6f7c; --not_sent: #5d646d;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --fg: #e6e9ed; --soft: #a4adb8; --bg: #14171b; --line: #30363e; --tint: #1c2127; --on: #101317; --accent: #84b0f5; --mark: #5c4408;
    --verified: #55c68a; --unverifiable: #93aecb; --mismatched: #f0a353; --rejected: #ff8d83; --invalid: #f28fb9;
    --unknown: #bb9ff3; --held: #d6ba58; --unchanged: #63c2ce; --not_sent: #a6adb6;
  }
}
* { box-sizing: border-box }
html { scroll-padding-top: 1rem }
body { margin: 0; background: var(--bg); color: var(--fg); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; overflow-wrap: anywhere }
main { max-width: 66rem; margin: 0 auto; padding: 2.25rem 1.5rem 4rem }
h1 { font-size: 1.9rem; line-height: 1.25; font-weight: 650; letter-spacing: -.01em; margin: .1rem 0 1.4rem; text-wrap: pretty }
h2 { font-size: 1.3rem; line-height: 1.3; font-weight: 650; margin: 3.25rem 0 .5rem }
h2 span { color: var(--soft); font-weight: 400; font-size: 1rem; margin-left: .35rem }
h3 { font-size: 1rem; font-weight: 650; margin: 0 }
p { margin: .35rem 0 .9rem; max-width: 46rem }
section:focus { outline: none }
a { color: inherit; text-decoration-color: var(--soft); text-underline-offset: .2em }
a:hover { text-decoration-color: currentColor }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px }
small { color: var(--soft); font-size: .85em }
i { color: var(--soft) }
.run { color: var(--soft); margin: 0 }
.cut, .paper { color: var(--soft) }
.paper { display: none }
code { font: .86em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre-wrap; unicode-bidi: isolate }
mark { background: var(--mark); color: inherit; text-decoration: underline 2px; text-decoration-color: var(--mismatched); text-underline-offset: .2em; border-radius: 2px }

.bar { display: flex; gap: 2px; height: 2.4rem; border-radius: .4rem; overflow: hidden; margin: 0 0 1rem }
.bar span { flex: 1 1 0; min-width: 5px; overflow: hidden; white-space: nowrap; color: var(--on); font-size: .92rem; line-height: 2.4rem; padding-left: .7rem }
.bar span:empty { padding: 0 }
.bar span, .sign { background: var(--of) }
.verified { --of: var(--verified) } .unverifiable { --of: var(--unverifiable) } .mismatched { --of: var(--mismatched) } .rejected { --of: var(--rejected) } .invalid { --of: var(--invalid) } .unknown { --of: var(--unknown) } .held { --of: var(--held) } .unchanged { --of: var(--unchanged) } .not_sent { --of: var(--not_sent) }
.sign { display: inline-block; width: 1.35em; height: 1.35em; line-height: 1.35em; border-radius: .25em; margin-right: .4em; text-align: center; color: var(--on); font-weight: 700; font-size: .85em }

table { border-collapse: collapse; width: 100%; font-size: .94rem }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
th, td { text-align: left; vertical-align: top; font-weight: 400; padding: .45rem 1rem .45rem 0; border-bottom: 1px solid var(--line) }
th:last-child, td:last-child { padding-right: 0 }
thead th { color: var(--soft); font-size: .85rem; white-space: nowrap }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
tr[hidden] { display: none }
.outcomes th[scope=row] { white-space: nowrap; width: 11rem }
.outcomes thead th { padding-top: 0 }
.outcomes .n { width: 6rem; padding-right: 1.5rem }
.share { color: var(--soft) }
.sum th, .sum td { border-bottom: 0; font-weight: 650 }
.about { display: flex; flex-wrap: wrap; gap: .8rem 2.75rem; margin: 1.25rem 0 0 }
.about .files { flex-basis: 100% }
dt { color: var(--soft); font-size: .85rem }
dd { margin: 0 }
.steps { padding-left: 1.3rem; margin: .35rem 0 0; max-width: 46rem }
.steps li { margin-bottom: .55rem }
.causes { list-style: none; padding: 0; margin: 0 0 .9rem; max-width: 46rem }
.causes b { display: inline-block; min-width: 2rem; text-align: right; margin-right: .6rem; font-variant-numeric: tabular-nums }

.fields, .reasons { table-layout: fixed }
.fields th:first-child { width: 22% } .fields thead td { width: 16% } .fields .n { width: 8.5% } .fields thead th:last-child { width: 36% } .fields thead th { white-space: normal; vertical-align: bottom }
.fields svg { display: block; width: 100%; height: .6rem; margin-top: .45rem; border-radius: .15rem }
.fields .match { fill: var(--verified); } .fields .differ { fill: var(--mismatched) } .fields .unseen { fill: var(--unverifiable) }
.field { font-weight: 600 }
.reasons .n { width: 9% } .reasons th:nth-child(3) { width: 28% } .reasons th:nth-child(4) { width: 25% }
.reasons .group th { font-weight: 650; padding-top: 1rem }
.list { table-layout: fixed }
.list th:nth-child(1) { width: 22% } .list th:nth-child(3) { width: 38% }
.differing th:nth-child(-n+2) { width: 19% } .differing th:nth-child(3) { width: 31% }
.differing td:nth-child(n+3) { overflow: clip }
.why { color: var(--soft) }
.tools { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; align-items: center; margin: 0 0 .75rem; padding: .6rem .9rem; background: var(--tint); border-radius: .4rem; font-size: .92rem }
.tools[hidden] { display: none }
.tools label { display: inline-flex; gap: .5rem; align-items: center; color: var(--soft) }
.tools input, .tools select { font: inherit; color: var(--fg); background: var(--bg); border: 1px solid #808893; border-radius: .3rem; padding: .25rem .5rem; min-width: 0; max-width: 16rem }
button { font: inherit; font-size: .92rem; color: var(--fg); background: var(--tint); border: 1px solid #808893; border-radius: .3rem; padding: .3rem .9rem; margin-top: .9rem; cursor: pointer }
button[hidden] { display: none }
.tools output { color: var(--soft); margin-left: auto }

figure { margin: 1.5rem 0 2.25rem }
figure p { margin-bottom: .6rem }
.plot { display: block; max-width: 100%; height: auto; overflow: visible }
.plot.narrow { display: none }
.wide { overflow-x: auto }
summary { cursor: pointer; margin-bottom: .5rem }
footer { margin-top: 3.5rem; padding-top: .75rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .9rem }
footer p { max-width: none }

@media screen and (max-width: 46rem) {
  main { padding: 1.25rem 1rem 3rem }
  h1 { font-size: 1.5rem }
  .plot.wide { display: none }
  .plot.narrow { display: block }
  .about { gap: .8rem 1.75rem }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
  tr { display: grid; gap: 0 .9rem; padding: .6rem 0; border-bottom: 1px solid var(--line) }
  th, td { padding: 0; border: 0; width: auto !important; min-width: 0 }
  .sum, .group { border: 0 }
  .outcomes tr { grid-template-columns: 1fr auto 4rem }
  .outcomes td:last-child { grid-column: 1 / -1; color: var(--soft) }
  .fields tr { display: flex; flex-wrap: wrap }
  .fields th, .fields .part, .fields td:last-child { flex: 1 1 100% }
  .list > tbody > tr > * { grid-column: 1 / -1 }
  .fields svg { margin: .3rem 0 .2rem }
  .fields .n::before { color: var(--soft) }
  .fields .n:nth-child(3)::before { content: "match " } .fields .n:nth-child(4)::before { content: "differ " } .fields .n:nth-child(5)::before { content: "not shown " }
  .fields td:last-child { color: var(--soft) }
  .reasons tr { grid-template-columns: 4.2rem 1fr }
  .reasons td:not(.n) { grid-column: 2 }
  .reasons .group { display: block }
  .list td:nth-child(n+3)::before { display: block; color: var(--soft); font-size: .8rem }
  .differing td:nth-child(3)::before { content: "Requested" } .differing td:nth-child(4)::before { content: "Returned" }
  .list td { margin-top: .35rem }
  .tools label, .tools input { flex: 1 1 100% }
  .tools select { max-width: 60vw }
}
@media print {
  html { font-size: 75% }
  main { max-width: none; padding: 0 }
  h2, h3, section > p, figcaption { break-after: avoid }
  h2 { margin-top: 2rem }
  tr, figure, li, p { break-inside: avoid }
  .tools, button, details, footer { display: none }
  .list tbody tr:nth-child(n+51) { display: none }
  .bar, .sign, mark { print-color-adjust: exact; -webkit-print-color-adjust: exact }
  .paper { display: block }
}
`
