// A server that only echoes, in a process of its own: what it costs is small beside what its clients do.
import { createServer } from 'node:http'

const server = createServer((request, response) => {
  const chunks = []
  request.on('data', chunk => chunks.push(chunk))
  request.on('end', () => {
    const { external_id, ...custom_attributes } = JSON.parse(Buffer.concat(chunks)).attributes[0]
    const body = JSON.stringify({ users: [{ external_id, custom_attributes }], message: 'success' })
    response.writeHead(201, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    response.end(body)
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.send?.(server.address().port))
process.on('disconnect', () => process.exit())
