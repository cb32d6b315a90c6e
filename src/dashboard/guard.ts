import type { MiddlewareHandler } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import type { Access } from './access.ts'
import type { ErrorAnswer } from './answers/error.ts'

const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Refuses strangers before anything is looked at, and tells browsers how little the page may do. */
export function guard(access: Access): MiddlewareHandler {
  return async (context, next) => {
    context.header('Content-Security-Policy', contentSecurityPolicy)
    context.header('X-Content-Type-Options', 'nosniff')
    context.header('Referrer-Policy', 'no-referrer')
    context.header('Cross-Origin-Resource-Policy', 'same-origin')
    context.header('Cache-Control', 'no-store')
    const refuse = (error: string) => context.json<ErrorAnswer>({ error }, 403)

    const host = context.req.header('Host')
    if (!access.knowsHost(host)) return refuse(`This server does not go by the name ${JSON.stringify(host)}.`)
    const origin = context.req.header('Origin')
    if (!access.knowsOrigin(origin, host)) return refuse(`Pages of ${JSON.stringify(origin)} may not ask this server.`)

    // The address that was printed has the token. It is put into a cookie, and out of the address that others may see.
    const given = context.req.query('token')
    if (given !== undefined && context.req.method === 'GET') {
      if (!access.knowsToken(given)) return refuse('The token in this address is not the one that was printed.')
      setCookie(context, access.cookie, given, { httpOnly: true, sameSite: 'Strict', path: '/' })
      return context.redirect(context.req.path)
    }

    const acts = context.req.method !== 'GET' && context.req.method !== 'HEAD'
    if ((acts || !access.isLocal) && !access.knowsToken(getCookie(context, access.cookie))) {
      return refuse('This needs the token: open the address that was printed when the server was started.')
    }
    return await next()
  }
}
