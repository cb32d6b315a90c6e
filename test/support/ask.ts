import { request } from 'node:http'

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** A request as no browser lets a page write it: with any Host and Origin. */
export function ask(
  { url }: { readonly url: string },
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
  body = '',
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const asked = request(new URL(path, url), { method, headers, agent: false }, async response => {
      let text = ''
      for await (const chunk of response) text += chunk
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text })
    })
    asked.on('error', reject).end(body)
  })
}
