import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'

/** Gives a text a colour or a weight, if the terminal has them. */
export type Paint = (style: Style, text: string) => string
export type Style = 'bold' | 'dim' | 'green' | 'yellow' | 'red'

export const plain: Paint = (_style, text) => text

/** The width of a terminal unless it is known. */
export const columnsMax = 80

/** The maximum width of the first column; a longer cell gets a line of its own. */
const firstColumnMax = 32
/** The minimum width of the last column. */
const lastColumnMin = 24

/** Breaks a text at spaces so that it fits; the lines after the first are indented. A word that is too long stays whole. */
export function wrap(text: string, indent = 0, width: number = columnsMax): string[] {
  const margin = text.length - text.trimStart().length
  const [first = '', ...rest] = wrapAnsi(text.trimStart(), width - margin, { trim: true }).split('\n')
  if (rest.length === 0) return [' '.repeat(margin) + first]
  const after = wrapAnsi(rest.join(' '), width - indent, { trim: true }).split('\n')
  return [' '.repeat(margin) + first, ...after.map(line => ' '.repeat(indent) + line)]
}

/**
 * Aligns rows of cells in columns, with the true width of wide characters and emoji; returns the lines of each row. The
 * last column takes the rest of the line and is wrapped at spaces; those in `right` are right-aligned.
 */
export function table(
  rows: readonly (readonly string[])[],
  indent: number,
  right: number[] = [],
): string[][] {
  const columns = Math.max(0, ...rows.map(row => row.length))
  const widths = Array.from({ length: Math.max(0, columns - 1) }, (_, i) => {
    const cells = rows.map(row => stringWidth(row[i] ?? ''))
    return i === 0 ? Math.max(0, ...cells.filter(width => width <= firstColumnMax)) : Math.max(0, ...cells)
  })
  const before = widths.reduce((sum, width) => sum + width + 2, indent)
  const last = Math.max(lastColumnMin, columnsMax - before)
  return rows.map(row => {
    const isLong = stringWidth(row[0] ?? '') > (widths[0] ?? 0)
    const cells = widths.map((width, i) =>
      pad(isLong && i === 0 ? '' : (row[i] ?? ''), width, right.includes(i)),
    )
    const [first = '', ...rest] = wrapAnsi(row[columns - 1] ?? '', last, { trim: true }).split('\n')
    const lines = [[...cells, first].join('  '), ...rest.map(line => ' '.repeat(before - indent) + line)]
    const above = isLong ? wrapAnsi(row[0] ?? '', columnsMax - indent).split('\n') : []
    return [...above, ...lines].map(line => `${' '.repeat(indent)}${line}`.trimEnd())
  })
}

function pad(text: string, width: number, right: boolean): string {
  const space = ' '.repeat(Math.max(0, width - stringWidth(text)))
  return right ? space + text : text + space
}
