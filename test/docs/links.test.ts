import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { anchorsOf, linksOf, pageNames, readPage, root } from '../support/pages.ts'

describe('the links between the README and the pages', () => {
  test.each(pageNames)('of %s lead to a file and, where they name one, to a heading', name => {
    const dead = linksOf(name).filter(({ to, anchor }) => {
      if (!existsSync(join(root, to))) return true
      return anchor !== '' && !anchorsOf(readPage(to)).includes(anchor)
    })
    expect(dead).toEqual([])
  })

  test('reach every page from the README', () => {
    const reached = new Set(['README.md'])
    for (const name of reached) for (const { to } of linksOf(name)) if (to.endsWith('.md')) reached.add(to)
    expect(pageNames.filter(name => !reached.has(name))).toEqual([])
  })
})
