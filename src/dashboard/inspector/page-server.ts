import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { NumberedMessage } from '../../inspect/inspector.ts'
import type { KeptMessages } from '../../inspect/kept-messages.ts'
import { Access } from '../access.ts'
import { listen } from '../listen.ts'
import { inspectorApp } from './inspector-app.ts'
import { News } from './news.ts'

const host = '127.0.0.1'

/** Browsers get so many milliseconds to take the rest when the page is closed. */
const lastWords = 500

/** Serves the page and the messages that are kept to this machine. */
export class PageServer {
  readonly #kept: KeptMessages<NumberedMessage>
  readonly #news = new News()
  #server: Server | undefined

  constructor(kept: KeptMessages<NumberedMessage>) {
    this.#kept = kept
  }

  /**
   * @param wanted the port; null for the usual one, or the next that is free
   * @returns its address
   * @throws DashboardError when none can be had
   */
  async listen(wanted: number | null): Promise<string> {
    const server = createServer()
    const what = "The inspector's page"
    const port = await listen(server, { host, port: wanted ?? 'usual', usualPort: 4848, what })
    const access = new Access({ host, port })
    server.on('request', getRequestListener(inspectorApp(this.#kept, this.#news, access).fetch))
    this.#server = server
    return `http://${host}:${port}/`
  }

  /** Something new is kept. */
  wake(): void {
    this.#news.wake()
  }

  async close(): Promise<void> {
    const server = this.#server
    if (server === undefined) return
    const closed = new Promise<void>(resolve => server.close(() => resolve()))
    this.#news.end()
    const late = setTimeout(() => server.closeAllConnections(), lastWords)
    server.closeIdleConnections()
    await closed
    clearTimeout(late)
  }
}
