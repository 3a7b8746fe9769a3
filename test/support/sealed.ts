import { readFileSync, writeFileSync } from 'node:fs'
import { emptyChain, seal } from '../../src/journal/checksum.ts'

/** Objects as the lines of a journal, each with the checksum that belongs to it. */
export function sealedText(lines: readonly object[], before = emptyChain): string {
  let chain = before
  return lines
    .map(one => {
      const sealed = seal(JSON.stringify(one), chain)
      chain = sealed.chain
      return sealed.line
    })
    .join('')
}

/** Changes a journal as somebody would who knows how checksums are made: they are right again afterwards. */
export function rewrite(path: string, change: (text: string) => string): void {
  const lines = change(readFileSync(path, 'utf8')).trimEnd().split('\n')
  writeFileSync(path, sealedText(lines.map(line => withoutChecksum(JSON.parse(line) as object))))
}

export function withoutChecksum(line: object): object {
  const { crc: _crc, ...rest } = line as { crc?: string }
  return rest
}
