import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type RawRecord, RecordSplitter } from '../../src/parse/record-splitter.ts'
import { asBytes } from '../../src/parse/units.ts'

const sizes = [1, 2, 3, 7, 65_536]
const lineEnd = /\r\n|\r|\n/

describe('cutting bytes into records', () => {
  test('a record ends at LF, CR or CRLF, also where all stand in one file, and a blank line is no record', () => {
    expect(cut('a\nb\r\n\n\r\nc\rd\r\re')).toEqual(['1 a', '2 b', '5 c', '6 d', '8 e'])
  })

  test('a line end inside quotation marks belongs to the record, which stands on the line where it begins', () => {
    expect(cut('1,"x\ny"\r\n2,"p\r\n\r\nq"\n3,z\n')).toEqual(['1 1,"x\ny"', '3 2,"p\r\n\r\nq"', '6 3,z'])
  })

  test('a doubled quotation mark does not close the cell', () => {
    expect(cut('"a""\n""b",1\n2,3')).toEqual(['1 "a""\n""b",1', '3 2,3'])
  })

  test('a quotation mark inside of a cell that does not begin with one opens nothing', () => {
    expect(cut('a,b\n1,x"y\n2,"z"\n')).toEqual(['1 a,b', '2 1,x"y', '3 2,"z"'])
  })

  test('text after a closing quotation mark costs the line it stands on and no other', () => {
    expect(cut('1,"x"y\n2,z\n3,"w"\n')).toEqual(['1 1,"x"y stray_quote@1', '2 2,z', '3 3,"w"'])
  })

  test('a quotation mark that never closes costs the line it stands on and no other', () => {
    expect(cut('1,a\n2,"b\n3,c\n4,d')).toEqual(['1 1,a', '2 2,"b open_quote@2', '3 3,c', '4 4,d'])
  })

  test('an open quotation mark before a sound quoted row costs only its own line', () => {
    expect(cut('1,"b\n2,c\n3,"d"\n')).toEqual(['1 1,"b stray_quote@1', '2 2,c', '3 3,"d"'])
  })

  test('the line to blame is that of the bad quotation mark, not that on which the record begins', () => {
    expect(cut('"a\nb","c"d\ne,f\n')).toEqual(['1 "a\nb","c"d stray_quote@2', '3 e,f'])
  })

  test('where a line is a record, quotation marks mean nothing', () => {
    expect(cut('a"b\n"c\nd"', null)).toEqual(['1 a"b', '2 "c', '3 d"'])
  })
})

describe('records that are too large', () => {
  test.each(sizes)('are cut short, told as one record, and the next one is whole (pieces of %i)', size => {
    const text = `ok\n${'x'.repeat(50)}\nnext\n${'y'.repeat(51)}`
    expect(cut(text, ',', 10, size)).toEqual([
      '1 ok',
      '2 xxxxxxxxxx too_large@2',
      '3 next',
      '4 yyyyyyyyyy too_large@4',
    ])
  })

  test.each(sizes)('exactly the limit fits, with LF or CRLF; one byte more does not (pieces of %i)', size => {
    const ten = '0123456789'
    expect(cut(`${ten}\n${ten}\r\n${ten}1\n${ten}1\r\nz`, ',', 10, size)).toEqual([
      `1 ${ten}`,
      `2 ${ten}`,
      `3 ${ten} too_large@3`,
      `4 ${ten} too_large@4`,
      '5 z',
    ])
  })

  test.each(sizes)('a quotation mark left open does not swallow more than the limit (pieces of %i)', size => {
    const rows = Array.from({ length: 20 }, (_, i) => `${i},v`).join('\n')
    const found = cut(`1,"open\n${rows}\n`, ',', 20, size)
    expect(found[0]).toBe('1 1,"open open_quote@1')
    expect(found.slice(1)).toEqual(rows.split('\n').map((row, i) => `${i + 2} ${row}`))
  })
})

describe('whatever the bytes', () => {
  const soup = fc.string({
    unit: fc.constantFrom('a', '"', '"', ',', '\n', '\r', '\r\n', 'é'),
    maxLength: 60,
  })

  test('as pairs of bytes it is cut where it is cut as bytes', () => {
    fc.assert(
      fc.property(soup, fc.nat(12), fc.integer({ min: 1, max: 9 }), (text, limit, size) => {
        const latin = text.replaceAll('é', 'e')
        const splitter = new RecordSplitter(',', limit + 2)
        const units = Uint16Array.from(Buffer.from(latin))
        const found: RawRecord[] = []
        for (let at = 0; at < units.length; at += size)
          found.push(...splitter.push(units.subarray(at, at + size)))
        found.push(...splitter.end())
        const narrow = found.map(slice => ({ ...slice, raw: Buffer.from(slice.raw) }))
        expect(narrow).toEqual(slices(latin, ',', limit + 2))
      }),
      { numRuns: 1000 },
    )
  })

  test('the pieces in which they come make no difference, whatever the limit', () => {
    fc.assert(
      fc.property(soup, fc.nat(12), fc.integer({ min: 1, max: 9 }), (text, limit, size) => {
        expect(cut(text, ',', limit + 2, size)).toEqual(cut(text, ',', limit + 2))
      }),
      { numRuns: 2000 },
    )
  })

  test('every line that is not blank lies in exactly one record, in order', () => {
    fc.assert(
      fc.property(soup, text => {
        const filled = text.split(lineEnd).map((part, i) => ({ line: i + 1, part }))
        const covered = slices(text, ',').flatMap(({ raw, line }) =>
          textOf(raw)
            .split(lineEnd)
            .map((part, i) => ({ line: line + i, part })),
        )
        const full = ({ part }: { part: string }) => part !== ''
        expect(covered.filter(full)).toEqual(filled.filter(full))
      }),
      { numRuns: 2000 },
    )
  })
})

/** `line text`, and what is broken with the line to blame. */
function cut(text: string, delimiter: string | null = ',', bytesMax?: number, size?: number): string[] {
  return slices(text, delimiter ?? undefined, bytesMax, size).map(({ raw, line, broken }) =>
    [`${line} ${textOf(raw)}`, ...(broken === undefined ? [] : [`${broken.reason}@${broken.line}`])].join(
      ' ',
    ),
  )
}

function slices(text: string, delimiter?: string, bytesMax?: number, size = 65_536): RawRecord[] {
  const splitter = new RecordSplitter(delimiter, bytesMax)
  const bytes = Buffer.from(text)
  const found: RawRecord[] = []
  for (let at = 0; at < bytes.length; at += size) found.push(...splitter.push(bytes.subarray(at, at + size)))
  found.push(...splitter.end())
  for (const { offset, raw } of found) {
    const there = bytes.subarray(offset, offset + raw.length)
    if (!there.equals(asBytes(raw))) throw new Error(`${offset} is not where ${textOf(raw)} stands`)
  }
  return found
}

function textOf(units: RawRecord['raw']): string {
  return asBytes(units).toString()
}
