import type { LiveMessages, ToldMessage } from '../../src/dashboard/inspector/answers.ts'

/** What the inspector's page is told at an address, from the beginning, until it is enough. */
export async function liveMessages(
  address: string,
  isEnough: (messages: readonly ToldMessage[]) => boolean,
): Promise<ToldMessage[]> {
  return messagesOf(await liveAnswers(address, told => isEnough(messagesOf(told))))
}

/** The same, as it comes. */
export async function liveAnswers(
  address: string,
  isEnough: (told: readonly LiveMessages[]) => boolean,
): Promise<LiveMessages[]> {
  const response = await fetch(`${address}api/inspected/live`)
  if (response.body === null) throw new Error(`There is nothing at ${address}.`)
  const told: LiveMessages[] = []
  let text = ''
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk
    const parts = text.split('\n\n')
    text = parts.pop() ?? ''
    for (const part of parts) {
      const data = part.split('\n').find(line => line.startsWith('data: '))
      if (data !== undefined) told.push(JSON.parse(data.slice(6)))
    }
    if (isEnough(told)) break
  }
  return told
}

function messagesOf(told: readonly LiveMessages[]): ToldMessage[] {
  return told.flatMap(({ messages }) => messages)
}
