import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** How a server answers. */
export interface Serving {
  readonly content: Buffer
  /** Whether it sends parts; otherwise every answer is the whole file. */
  readonly ranges?: boolean
  /** After how many bytes each answer breaks off, one after the other; the answers after them are whole. */
  readonly breaks?: readonly number[]
  /** How much whoever asks has put away so far: an answer breaks off when that is all that it was sent. */
  readonly kept?: () => number
  /** What it answers instead of the file. */
  readonly status?: number
}

/** A web server on this machine that serves one file, under every path that ends with its name. */
export interface FileServer {
  readonly url: (name: string) => string
  /** The `range` header of each request so far; undefined where there was none. */
  readonly asked: readonly (string | undefined)[]
  close(): Promise<void>
}

/** Starts a server on a free port. */
export async function serveFile({
  content,
  ranges = true,
  breaks = [],
  kept = () => content.length,
  status,
}: Serving): Promise<FileServer> {
  const asked: (string | undefined)[] = []
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const { range } = request.headers
    const limit = breaks[asked.push(range) - 1] ?? Number.POSITIVE_INFINITY
    if (status !== undefined) {
      response.writeHead(status).end()
      return
    }
    const from = ranges ? Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0) : 0
    const rest = content.subarray(from)
    const headers = { 'content-length': rest.length }
    if (from === 0) response.writeHead(200, headers)
    else {
      const part = `bytes ${from}-${content.length - 1}/${content.length}`
      response.writeHead(206, { ...headers, 'content-range': part })
    }
    if (limit >= rest.length) response.end(rest)
    else {
      response.flushHeaders()
      response.write(rest.subarray(0, limit))
      const look = setInterval(() => {
        if (kept() < from + limit && !response.destroyed) return
        clearInterval(look)
        response.destroy()
      }, 5)
    }
  }
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: name => `http://127.0.0.1:${port}/files/${name}`,
    asked,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
