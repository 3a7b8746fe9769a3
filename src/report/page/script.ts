/**
 * The page's own script: a search above each list, filters by field and reason, links that set them, and long lists that
 * begin short. It runs in the reader's browser, so it is plain text here; it makes no markup of what it finds.
 */
export const script = `
const shortMax = 50
const searchedMin = 6
const say = number => number.toLocaleString('en-US')
const textIn = (row, kind) => row.querySelector(kind)?.textContent ?? ''
const filters = { field: 'Field', reason: 'Reason' }
const lists = {}

for (const tools of document.querySelectorAll('.tools')) {
  const name = tools.dataset.for
  const rows = [...document.querySelectorAll('#table-' + name + ' tbody tr')].map(row => ({
    row,
    text: row.textContent.toLowerCase(),
    field: textIn(row, '.field'),
    reason: textIn(row, '.why'),
  }))
  if (rows.length < searchedMin) continue
  const search = labelled(tools, 'Search', 'input')
  search.type = 'search'
  search.spellcheck = false
  const selects = Object.keys(filters).map(kind => selectOf(tools, kind, rows)).filter(Boolean)
  const status = document.createElement('output')
  tools.append(status)
  tools.hidden = false
  const more = document.createElement('button')
  more.type = 'button'
  tools.parentElement.append(more)
  let isLong = false

  function show() {
    const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean)
    let found = 0
    for (const one of rows) {
      const fits =
        words.every(word => one.text.includes(word)) &&
        selects.every(select => select.value === '' || one[select.dataset.kind] === select.value)
      if (fits) found++
      one.row.hidden = !fits || (!isLong && found > shortMax)
    }
    status.textContent = found === rows.length ? '' : say(found) + ' of ' + say(rows.length) + ' found'
    more.textContent = 'Show all ' + say(found)
    more.hidden = isLong || found <= shortMax
  }
  tools.addEventListener('input', show)
  more.addEventListener('click', () => {
    isLong = true
    const next = rows.find(one => one.row.hidden)?.row
    show()
    if (next) {
      next.tabIndex = -1
      next.focus({ preventScroll: true })
    }
  })
  show()
  lists[name] = { search, selects, show }
}

document.addEventListener('click', event => {
  const link = event.target.closest?.('a[data-field], a[data-reason]')
  const list = lists[link?.hash.slice(1)]
  if (!list) return
  list.search.value = ''
  for (const select of list.selects) {
    const wanted = link.dataset[select.dataset.kind] ?? ''
    select.value = wanted
    if (select.selectedIndex < 0) select.value = ''
  }
  list.show()
})

function labelled(tools, name, tag) {
  const label = document.createElement('label')
  const control = document.createElement(tag)
  label.append(name + ' ', control)
  tools.append(label)
  return control
}

function selectOf(tools, kind, rows) {
  const times = new Map()
  for (const one of rows) if (one[kind] !== '') times.set(one[kind], (times.get(one[kind]) ?? 0) + 1)
  if (times.size < 2 || times.size > 400) return
  const select = labelled(tools, filters[kind], 'select')
  select.dataset.kind = kind
  select.add(new Option('all', ''))
  for (const [value, count] of [...times].sort(([, a], [, b]) => b - a)) {
    select.add(new Option(value + ' (' + say(count) + ')', value))
  }
  return select
}
`
