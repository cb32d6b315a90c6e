import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'

const loopback: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '::1'])

/**
 * Who may ask the dashboard for what. Three kinds of strangers are kept out: pages of other sites that post to it (their
 * `Origin` is foreign), names of other sites that were made to lead to this machine (DNS rebinding: their `Host` is
 * foreign), and, where it listens to more than this machine, everybody without the token. What acts needs the token always.
 */
export class Access {
  /** To be handed to the person who started the server, once. */
  readonly token: string
  readonly #host: string
  readonly #port: number

  /** @param address `host`: what the server listens on; `port`: the one it got */
  constructor({ host, port }: { host: string; port: number }, token = randomBytes(24).toString('base64url')) {
    this.token = token
    this.#host = host
    this.#port = port
  }

  /** Whether only programs on this machine can reach the server. */
  get isLocal(): boolean {
    return loopback.has(this.#host)
  }

  /** The name of the cookie that the token is kept in. Cookies know no ports, so it has the port in its name. */
  get cookie(): string {
    return `chronograd-${this.#port}`
  }

  /**
   * Whether the server was asked for by a name of its own. Listening to the network it also goes by any address, but never
   * by a name that it does not know: a foreign page can only come by a name.
   */
  knowsHost(header: string | undefined): boolean {
    const { hostname, port } = addressOf(`http://${header ?? ''}`)
    if (Number(port || 80) !== this.#port) return false
    return loopback.has(hostname) || hostname === this.#host || (!this.isLocal && isIP(hostname) !== 0)
  }

  /** Whether a request comes from no page at all, or from one of this server's. */
  knowsOrigin(origin: string | undefined, host: string | undefined): boolean {
    return origin === undefined || origin === `http://${host}`
  }

  knowsToken(given: string | undefined): boolean {
    return given !== undefined && timingSafeEqual(digest(given), digest(this.token))
  }
}

/** Texts of any length are compared in the same time by their hashes. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function addressOf(url: string): { hostname: string; port: string } {
  if (!URL.canParse(url)) return { hostname: '', port: '' }
  const { hostname, port } = new URL(url)
  return { hostname: hostname.replace(/^\[(.*)\]$/, '$1'), port }
}
