import { crc32, deflateRawSync } from 'node:zlib'

/** A ZIP archive with these files, in this order. */
export function zipped(files: Readonly<Record<string, string | Uint8Array>>): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [name, content] of Object.entries(files)) {
    const data = deflateRawSync(content)
    const sizes = [crc32(content), data.length, Buffer.byteLength(content)]
    const common = [
      numbers([20, 0x0800, 8, 0, 0], 2),
      numbers(sizes, 4),
      numbers([Buffer.byteLength(name), 0], 2),
    ]
    const path = Buffer.from(name)
    directory.push(
      signature(1, 2),
      numbers([20], 2),
      ...common,
      numbers([0, 0, 0], 2),
      numbers([0, offset], 4),
      path,
    )
    const part = Buffer.concat([signature(3, 4), ...common, path, data])
    parts.push(part)
    offset += part.length
  }
  const size = Buffer.concat(directory).length
  const count = Object.keys(files).length
  const end = [signature(5, 6), numbers([0, 0, count, count], 2), numbers([size, offset], 4), numbers([0], 2)]
  return Buffer.concat([...parts, ...directory, ...end])
}

function signature(...last: number[]): Buffer {
  return Buffer.from([0x50, 0x4b, ...last])
}

function numbers(values: readonly number[], bytes: number): Buffer {
  const buffer = Buffer.alloc(values.length * bytes)
  for (const [i, value] of values.entries()) buffer.writeUIntLE(value, i * bytes, bytes)
  return buffer
}
