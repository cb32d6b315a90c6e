/** A message of a stream of Server-Sent Events. */
export interface Message {
  readonly id: string
  readonly data: unknown
}

/** Nothing that is waited for takes so long, in milliseconds. */
const patience = 20_000

/**
 * Reads Server-Sent Events until `enough` says so, and hangs up then.
 *
 * @param lastId what a browser that was cut off would send
 */
export async function listen(
  url: string,
  enough: (messages: readonly Message[]) => boolean,
  { lastId }: { readonly lastId?: string } = {},
): Promise<Message[]> {
  const hangUp = new AbortController()
  const signal = AbortSignal.any([hangUp.signal, AbortSignal.timeout(patience)])
  const response = await fetch(url, { signal, headers: lastId ? { 'Last-Event-ID': lastId } : {} })
  const messages: Message[] = []
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString()
    const parts = text.split('\n\n')
    text = parts.pop() ?? ''
    for (const part of parts) {
      const id = /^id: (.*)$/m.exec(part)?.[1]
      const data = /^data: (.*)$/m.exec(part)?.[1]
      if (id !== undefined && data !== undefined) messages.push({ id, data: JSON.parse(data) })
    }
    if (enough(messages)) break
  }
  hangUp.abort()
  return messages
}
