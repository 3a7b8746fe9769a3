// A server that only echoes, in a process of its own: what it costs is small beside what its clients do. It answers at
// once, or so many milliseconds later as a network would take.
import { createServer } from 'node:http'

const delayMs = Number(process.argv[2] ?? 0)

const server = createServer((request, response) => {
  const chunks = []
  request.on('data', chunk => chunks.push(chunk))
  request.on('end', () => {
    const { external_id, ...custom_attributes } = JSON.parse(Buffer.concat(chunks)).attributes[0]
    const body = JSON.stringify({ users: [{ external_id, custom_attributes }], message: 'success' })
    const answer = () => {
      response.writeHead(201, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      })
      response.end(body)
    }
    if (delayMs > 0) setTimeout(answer, delayMs)
    else answer()
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.send?.(server.address().port))
process.on('disconnect', () => process.exit())
