// What the benchmarks read. Tables: six narrow columns, or forty; one narrow row in five has a quoted cell, unless said. And
// an export, of users of 1 KB that are not in order.
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

export function exported(path, users) {
  // The step is a prime, so that every user comes once.
  return write(path, '', users, i => JSON.stringify(user((i * 7_368_787) % users)))
}

function user(i) {
  const attributes = Array.from({ length: 14 }, (_, n) => [
    `attribute_${n}`,
    n % 2 === 0 ? i % (n + 7) : `value ${(i * n) % 977}`,
  ])
  const often = name => [
    { name, first: '2024-01-01T00:00:00.000Z', last: '2024-05-01T00:00:00.000Z', count: i % 50 },
  ]
  return {
    created_at: '2024-02-11T10:00:00.000Z',
    external_id: `user-${i}`,
    braze_id: (i * 2_654_435_761).toString(16).padStart(24, '0'),
    user_aliases: [{ alias_name: `crm-${i}`, alias_label: 'crm' }],
    first_name: `Ana ${i}`,
    last_name: '山田',
    email: `Ana.${i}@example.org`,
    phone: `+1555${String(i).padStart(9, '0')}`,
    dob: '1980-01-01',
    country: 'BR',
    home_city: 'São Paulo',
    language: 'pt',
    time_zone: 'America/Sao_Paulo',
    gender: 'F',
    email_subscribe: 'opted_in',
    push_subscribe: 'subscribed',
    random_bucket: i % 10_000,
    custom_attributes: Object.fromEntries(attributes),
    custom_events: often('opened'),
    purchases: often('book'),
  }
}

/** The lines of a stream, without their ends. */
export async function* splitLines(stream) {
  let rest = Buffer.alloc(0)
  for await (const chunk of stream) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let from = 0
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      yield bytes.subarray(from, end)
      from = end + 1
    }
    rest = bytes.subarray(from)
  }
  if (rest.length > 0) yield rest
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
