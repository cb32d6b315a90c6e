import type { LiveMessages, ToldMessage } from '../../src/dashboard/inspector/answers.ts'

/** What the inspector's page is told at an address, from the beginning, until it is enough. */
export async function liveMessages(
  address: string,
  isEnough: (messages: readonly ToldMessage[]) => boolean,
): Promise<ToldMessage[]> {
  const response = await fetch(`${address}api/inspected/live`)
  if (response.body === null) throw new Error(`There is nothing at ${address}.`)
  const messages: ToldMessage[] = []
  let text = ''
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk
    const parts = text.split('\n\n')
    text = parts.pop() ?? ''
    for (const part of parts) {
      const data = part.split('\n').find(line => line.startsWith('data: '))
      if (data !== undefined) messages.push(...(JSON.parse(data.slice(6)) as LiveMessages).messages)
    }
    if (isEnough(messages)) break
  }
  return messages
}
