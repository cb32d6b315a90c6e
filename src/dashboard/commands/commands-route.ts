import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { getCookie } from 'hono/cookie'
import { z } from 'zod'
import { trainerMachine } from '../../../machines/trainer.ts'
import type { TrainingEvent } from '../../events/training-events.ts'
import { refusalOf } from '../../history/refusal.ts'
import type { Journal } from '../../journal/journal.ts'
import { runStream } from '../../storage/store.ts'
import type { Access } from '../access.ts'
import type { CommandAnswer, CommandName, CommandsAnswer } from '../answers/commands.ts'
import type { ErrorAnswer } from '../answers/error.ts'
import { DashboardError } from '../dashboard-error.ts'
import type { StoreReader } from '../store-reader.ts'
import { type Commander, commandNames } from './commander.ts'

/** Bytes; no command is nearly as long. */
const longestCommand = 1_000

const commandSchema = z.strictObject({ command: z.enum(commandNames) })

/**
 * What may be asked of the run that is trained here, and the asking. What makes sense now is read off the log, as the
 * training thread would answer: the state of a live run is the fold of its log, and reading that holds nobody up.
 */
export function commandsRoute(reader: StoreReader, access: Access, commander: Commander | undefined): Hono {
  const commanded = (context: Context): Commander => {
    const run = context.req.param('run') ?? ''
    if (commander?.run === run) return commander
    throw new DashboardError(
      `This server takes no commands for ${JSON.stringify(run)}: only a run that is trained with --serve (serveRun in code) takes them, from the server beside it.`,
    )
  }
  return new Hono()
    .get('/:run/commands', context => {
      const { run } = commanded(context)
      const journal = reader.journalOf(run)
      const { snapshot } = journal.fold(runStream(run), trainerMachine)
      const refusal = (command: CommandName) =>
        refusalOf(snapshot, command) ?? (command === 'evaluate' ? whyNotEvaluated(journal, run) : null)
      return context.json<CommandsAnswer>({
        state: snapshot.value,
        step: snapshot.context.progress.step,
        hasToken: access.knowsToken(getCookie(context, access.cookie)),
        refusals: Object.fromEntries(
          commandNames.map(command => [command, refusal(command)]),
        ) as CommandsAnswer['refusals'],
      })
    })
    .post('/:run/commands', bodyLimit({ maxSize: longestCommand, onError: tooLong }), async context => {
      const { ask } = commanded(context)
      if (context.req.header('Content-Type')?.split(';')[0]?.trim() !== 'application/json') {
        return context.json<ErrorAnswer>({ error: 'A command is sent as application/json.' }, 415)
      }
      const parsed = commandSchema.safeParse(await context.req.json().catch(() => undefined))
      if (!parsed.success) {
        const choices = new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(commandNames)
        return context.json<ErrorAnswer>({ error: `A command is { "command": NAME }, with ${choices}.` }, 400)
      }
      const { command } = parsed.data
      const refusal = await ask(command)
      if (refusal !== null) return context.json<ErrorAnswer>({ error: refusal }, 409)
      return context.json<CommandAnswer>({ accepted: command }, 202)
    })
}

function tooLong(context: Context): Response {
  return context.json<ErrorAnswer>({ error: 'No command is as long as that.' }, 413)
}

/** The machine does not know what a run is made of, but its log does. */
function whyNotEvaluated(journal: Journal, run: string): string | null {
  const begun = { stream: runStream(run), types: ['run.started', 'run.resumed'], backwards: true }
  const [last] = journal.readPage(begun, 1) as TrainingEvent<'run.started' | 'run.resumed'>[]
  return last?.data.data.validation === null ? 'The run has nothing to evaluate on: it was given no valData.' : null
}
