import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Handler } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { NumberedMessage } from '../../inspect/inspector.ts'
import type { KeptMessages } from '../../inspect/kept-messages.ts'
import type { News } from './news.ts'

/** Messages are told together that come within so many milliseconds. */
const gatherFor = 100

/** Something is said at least so often, in milliseconds, so that a connection that broke is noticed. */
const heartbeat = 15_000

/**
 * Every actor, what is kept, and then what comes, as Server-Sent Events. What is told next is read from what is kept when
 * the browser has taken what was told before, so that a slow one fills no memory: it misses old events, and no actor.
 */
export function liveMessages(kept: KeptMessages<NumberedMessage>, news: News): Handler {
  const program = randomUUID()
  return context => {
    const [known, last = ''] = (context.req.header('Last-Event-ID') ?? '').split(' ')
    return streamSSE(context, async sse => {
      let told = known === program && /^\d+$/.test(last) ? Number(last) : 0
      // The first of all is told even where it is empty, so that the page knows whom it speaks to.
      let isFirst = true
      while (!sse.aborted) {
        const woken = news.next(heartbeat)
        const messages = kept.last > told ? kept.since(told) : []
        if (messages.length > 0 || isFirst) {
          told = kept.last
          await sse.writeSSE({ id: `${program} ${told}`, data: answer(program, kept.letGo, messages) })
          isFirst = false
          if (!news.isOver) await sleep(gatherFor)
        } else if (news.isOver) return
        else if (!(await woken)) await sse.write(': nothing new\n\n')
      }
    })
  }
}

/** The messages are JSON already. @returns what is a `LiveMessages` as JSON */
function answer(program: string, letGo: number, messages: readonly NumberedMessage[]): string {
  const told = messages.map(({ number, size, text }) => `[${number},${size},${text}]`)
  return `{"program":${JSON.stringify(program)},"letGo":${letGo},"messages":[${told.join(',')}]}`
}
