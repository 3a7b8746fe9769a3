import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { pageNames, readPage, root } from '../support/pages.ts'
import { referenceTables } from '../support/reference-tables.ts'

const marked = /<!-- ([\w-]+) -->\n[\s\S]*?<!-- \/\1 -->/g

/** `npm run docs` writes the tables of the reference pages; without it, one that is out of date fails. */
if (process.env['UPDATE_DOCS'] === '1') {
  for (const name of pageNames) {
    const page = readPage(name)
    const written = page.replaceAll(marked, (whole, table: string) => tableOf(table) ?? whole)
    if (written !== page) writeFileSync(join(root, name), written)
  }
}

describe('the reference pages', () => {
  const found = pageNames.flatMap(name =>
    [...readPage(name).matchAll(marked)].map(([text, table = '']) => ({ name, table, text })),
  )

  test.each(found)('$name has the $table of the code (else: npm run docs)', ({ table, text }) => {
    expect(text).toBe(tableOf(table))
  })

  test('have every table, each in one place', () => {
    expect(found.map(({ table }) => table).toSorted()).toEqual(Object.keys(referenceTables).toSorted())
  })

  test('have no table that is empty', () => {
    for (const [name, table] of Object.entries(referenceTables)) {
      expect(table.split('\n').length, name).toBeGreaterThan(3)
    }
  })
})

function tableOf(name: string): string | undefined {
  const table = referenceTables[name]
  return table === undefined ? undefined : `<!-- ${name} -->\n${table}\n<!-- /${name} -->`
}
