// The tables that the benchmarks read: six narrow columns, or forty; one narrow row in five has a quoted cell, unless said.
import { closeSync, openSync, writeSync } from 'node:fs'

export function narrow(path, rows, users = rows) {
  const line = i =>
    `user-${i % users},${(i * 7) % 90},${i % 3 === 0},plan ${i % 12},${i % 5 === 0 ? `"Porto, row ${i}"` : 'Porto'},2024-0${(i % 9) + 1}-11`
  return write(path, 'external_id,age,active,plan,city,seen', rows, line)
}

/** The narrow table with a share of all cells quoted: 0 for none, 1 for all, 0.2 for every fifth. */
export function quoted(path, rows, share) {
  const every = share === 0 ? 0 : Math.round(1 / share)
  const isQuoted = cell => every > 0 && cell % every === 0
  const line = i => {
    const cells = [
      `user-${i}`,
      (i * 7) % 90,
      i % 3 === 0,
      `plan ${i % 12}`,
      'Porto',
      `2024-0${(i % 9) + 1}-11`,
    ]
    return cells.map((cell, at) => (isQuoted(i * cells.length + at) ? `"${cell}"` : cell)).join(',')
  }
  return write(path, 'external_id,age,active,plan,city,seen', rows, line)
}

export function wide(path, rows) {
  const names = Array.from({ length: 39 }, (_, i) => `column_${i}`)
  const cell = (row, i) =>
    i % 5 === 0 ? `"text, quoted ${row}"` : i % 2 === 0 ? (row * 7) % 90 : `plain text ${row % 1000}`
  return write(
    path,
    `external_id,${names.join(',')}`,
    rows,
    row => `user-${row},${names.map((_, i) => cell(row, i)).join(',')}`,
  )
}

export function ndjson(path, rows) {
  return write(path, '', rows, object)
}

/** The same objects as one array. */
export function array(path, rows) {
  return write(path, '[', rows, i => (i === rows - 1 ? `${object(i)}\n]` : `${object(i)},`))
}

function object(i) {
  return JSON.stringify({
    external_id: `user-${i}`,
    age: (i * 7) % 90,
    active: i % 3 === 0,
    plan: `plan ${i % 12}`,
    city: 'Porto',
    seen: '2024-02-11',
  })
}

function write(path, first, rows, line) {
  const file = openSync(path, 'w')
  let text = first === '' ? '' : `${first}\n`
  for (let i = 0; i < rows; i++) {
    text += `${line(i)}\n`
    if (text.length > 1 << 20 || i === rows - 1) {
      writeSync(file, text)
      text = ''
    }
  }
  closeSync(file)
  return path
}
