import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the package. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** The README and every page of `docs/`, by path from the root. */
export const pageNames = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name}`),
]

/** A code block of a page. */
export interface Block {
  language: string
  text: string
  /** The text between this block and the one before it. */
  before: string
}

export function readPage(name: string): string {
  return readFileSync(join(root, name), 'utf8')
}

export function blocksOf(page: string): Block[] {
  const blocks: Block[] = []
  let end = 0
  for (const { 0: whole, 1: language = '', 2: text = '', index } of page.matchAll(
    /^```(\w*)\n([\s\S]*?)^```$/gm,
  )) {
    blocks.push({ language, text, before: page.slice(end, index) })
    end = index + whole.length
  }
  return blocks
}

/** The files that a page shows: a block under a line that is nothing but a name, as in "`boxes.csv`:". */
export function filesOf(page: string): Record<string, string> {
  return Object.fromEntries(
    blocksOf(page).flatMap(({ text, before }) => {
      const [, name] = /(?:^|\n)`([\w./-]+)`:\n\n$/.exec(before) ?? []
      return name === undefined ? [] : [[name, text]]
    }),
  )
}

/** The commands of a page, one a line, in their order. */
export function commandsOf(page: string): string[] {
  return blocksOf(page).flatMap(({ language, text }) => (language === 'sh' ? text.trim().split('\n') : []))
}

/** The sections under the headings of this level, by heading, in their order. */
export function sectionsOf(page: string, level: number): Map<string, string> {
  const sections = new Map<string, string>()
  let heading: string | undefined
  let isCode = false
  for (const line of page.split('\n')) {
    if (line.startsWith('```')) isCode = !isCode
    const [, marks = '', text = ''] = (isCode ? null : /^(#+) (.*)$/.exec(line)) ?? []
    if (marks !== '' && marks.length <= level) heading = marks.length === level ? text : undefined
    else if (heading !== undefined) sections.set(heading, `${sections.get(heading) ?? ''}${line}\n`)
  }
  return sections
}

/** The anchors that GitHub gives the headings of a page. */
export function anchorsOf(page: string): string[] {
  const headings = [...withoutBlocks(page).matchAll(/^#+ (.*)$/gm)]
  return headings.map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

/** The links of a page that stay in the package, as paths from the root with their anchors. */
export function linksOf(name: string): { to: string; anchor: string }[] {
  const found = withoutBlocks(readPage(name)).matchAll(/\]\((?!https?:)([^)#]*)#?([^)]*)\)/g)
  return [...found].map(([, path = '', anchor = '']) => ({
    to: path === '' ? name : posix.join(posix.dirname(name), path),
    anchor,
  }))
}

function withoutBlocks(page: string): string {
  return page.replaceAll(/^```[\s\S]*?^```$/gm, '')
}
