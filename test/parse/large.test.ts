import { describe, expect, test } from 'vitest'
import type { Format } from '../../src/model/row.ts'
import { openRows } from '../support/parse-read.ts'

const megabyte = 1024 * 1024
const before = '{"external_id":"a"}\n'
const after = '{"external_id":"z"}\n'

describe('a record of 100 MB is one invalid row, and the memory of a few', () => {
  test.each<[string, Format, string, string, number]>([
    ['a line of CSV', 'csv', `id,v\na,1\nb,`, '\nz,26\n', 4],
    ['a quoted cell over many lines', 'csv', 'id,v\na,1\nb,"', '"\nz,26\n', 104],
    ['a line of NDJSON', 'ndjson', `${before}{"v":"`, `"}\n${after}`, 3],
    ['an element of a JSON array', 'json', `[${before},{"v":"`, `"},\n${after}]`, 3],
  ])('%s', async (_, format, head, tail, lastLine) => {
    let most = 0
    const start = process.memoryUsage().arrayBuffers
    async function* chunks() {
      yield Buffer.from(head)
      const part = Buffer.alloc(megabyte, 'x')
      if (lastLine > 100) part.write('\n', megabyte - 1)
      for (let i = 0; i < 100; i++) {
        yield part
        most = Math.max(most, process.memoryUsage().arrayBuffers - start)
        await new Promise(resolve => setImmediate(resolve))
      }
      yield Buffer.from(tail)
    }
    const rows: [number, string | undefined][] = []
    const file = await openRows(format, chunks())
    for await (const batch of file.batches) {
      for (const { line, content } of batch) {
        rows.push([line, 'problem' in content ? content.problem.code : undefined])
      }
    }
    expect(rows.at(0)?.[1]).toBeUndefined()
    expect(rows.at(-1)).toEqual([lastLine, undefined])
    expect(rows.slice(1, -1).map(([, code]) => code)).toContain(
      lastLine > 100 ? 'csv_quote' : 'record_too_large',
    )
    expect(most).toBeLessThan(100 * megabyte)
  })
})
