import { Hono } from 'hono'
import { describeError } from '../../errors/chronograd-error.ts'
import type { NumberedMessage } from '../../inspect/inspector.ts'
import type { KeptMessages } from '../../inspect/kept-messages.ts'
import { statechartStyle } from '../../statecharts/statechart-svg.ts'
import type { Access } from '../access.ts'
import type { ErrorAnswer } from '../answers/error.ts'
import type { MachineAnswer } from '../answers/machine.ts'
import { guard } from '../guard.ts'
import { pageFiles } from '../page-files.ts'
import { drawDefinition } from './draw-definition.ts'
import { liveMessages } from './live-messages.ts'
import type { News } from './news.ts'

/** What the inspector answers: its page, the messages, and the machines drawn. */
export function inspectorApp(kept: KeptMessages<NumberedMessage>, news: News, access: Access): Hono {
  const drawn = new Map<string, Promise<MachineAnswer>>()
  return new Hono()
    .use(guard(access))
    .get('/api/machines/style.css', context =>
      context.body(statechartStyle, 200, { 'Content-Type': 'text/css; charset=utf-8' }),
    )
    .get('/api/inspected/live', liveMessages(kept, news))
    .get('/api/inspected/charts/:sessionId', async context => {
      const { definition } = JSON.parse(kept.registration(context.req.param('sessionId'))?.text ?? '{}')
      if (typeof definition !== 'string') return context.notFound()
      const answer = drawn.get(definition) ?? drawDefinition(definition)
      drawn.set(definition, answer)
      return context.json<MachineAnswer>(await answer)
    })
    .route('/', pageFiles('inspect.html'))
    .notFound(context => context.json<ErrorAnswer>({ error: `There is nothing at ${context.req.path}.` }, 404))
    .onError((error, context) => context.json<ErrorAnswer>({ error: describeError(error) }, 500))
}
