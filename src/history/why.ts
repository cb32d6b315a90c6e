import type { SnapshotFrom } from 'xstate'
import { trainerMachine } from '../../machines/trainer.ts'
import type { TrainerContext } from '../../machines/trainer-context.ts'
import { ChronogradError } from '../errors/chronograd-error.ts'
import type { Journal } from '../journal/journal.ts'
import { isRunLocked } from '../storage/run-lock.ts'
import { runStream, type Store } from '../storage/store.ts'
import { Account, counted, measured } from './account.ts'
import { type AttemptEnding, attemptEndings, tellAttempts } from './attempt-endings.ts'
import { readAttempts } from './attempts.ts'
import { standingOf } from './standing.ts'
import { tellEarlyStop } from './tell-early-stop.ts'
import { type FailureReason, tellFailure } from './tell-failure.ts'
import { readTurns, type Turns } from './turns.ts'

/** Why a run is where it is, in one word. */
export type StandingReason =
  | 'steps-done'
  | 'patience'
  | 'divergence'
  | FailureReason
  | 'requested'
  | 'killed'
  | 'untrained'
  | 'in-progress'

/** Why a run is where it is, in words, by its events alone. */
export interface Explanation {
  readonly run: string
  /**
   * The machine's state, `killed` where the log says that it trains but no process does, or `forked` where it is a fork
   * that nobody has trained yet.
   */
  readonly state: string
  readonly reason: StandingReason
  readonly sentences: readonly string[]
  /** The versions of the events that the sentences rest on. */
  readonly events: readonly number[]
  readonly attempts: readonly AttemptEnding[]
}

/** What the trainer machine says of a run. */
type TrainerSnapshot = SnapshotFrom<typeof trainerMachine>

/** How many pauses are told one by one, the latest. */
const mostPauses = 3

/**
 * Explains why a run ended, stands still or goes on: which metric, which evaluations, which patience, which guard of the
 * machine, which error; and what became of its earlier attempts. Every statement names the events that it follows from.
 *
 * @throws ChronogradError when there is no such run
 *
 * @example
 * const { reason, sentences } = explainRun(journal, new Store('runs'), 'emoji')
 * console.log(reason, sentences.join(' ')) // patience emoji stopped early after step 1200 of 4000 (event 1391), …
 */
export function explainRun(journal: Journal, store: Store, run: string): Explanation {
  const stream = runStream(run)
  // Before the log is read: a run that ends meanwhile is not taken for one that was killed.
  const isTrained = isRunLocked(store.runFolder(run))
  const attempts = readAttempts(journal, stream)
  const { snapshot, version } = journal.fold(stream, trainerMachine)
  const turns = readTurns(journal, stream, attempts, snapshot.context.progress)
  if (turns === undefined) {
    throw new ChronogradError(
      `There is no run ${run} in the journal ${journal.path}; \`chronograd runs\` lists those there are.`,
    )
  }
  const state = standingOf(snapshot, isTrained)
  const account = new Account()
  const reason =
    state === 'killed' || state === 'forked'
      ? tellAbandoned(account, run, state, snapshot, version)
      : tellState(account, run, { journal, snapshot, turns, version })
  if (!isTrained && ['killed', 'untrained', 'requested', 'error'].includes(reason)) {
    tellResume(account, snapshot.context, turns, reason === 'error' ? 'When the cause is gone, a' : 'A')
  }
  tellPauses(account, snapshot, turns)
  tellParent(account, turns)
  const endings = attemptEndings(journal, stream, attempts, state)
  tellAttempts(account, endings, attempts)
  return { run, state, reason, sentences: account.sentences, events: account.cited, attempts: endings }
}

function tellState(
  account: Account,
  run: string,
  { journal, snapshot, turns, version }: { journal: Journal; snapshot: TrainerSnapshot; turns: Turns; version: number },
): StandingReason {
  const { context, value } = snapshot
  switch (value) {
    case 'completed':
      tellCompletion(account, run, context, turns)
      return 'steps-done'
    case 'early-stopped':
      tellEarlyStop(account, run, context, turns)
      return turns.ended?.type === 'run.early-stopped' ? turns.ended.data.reason : 'patience'
    case 'failed':
      return tellFailure(account, journal, { context, turns })
    case 'interrupted':
      if (turns.ended?.type === 'run.interrupted') {
        const { step, reason } = turns.ended.data
        account.say(`${run} ended after ${stepOf(step, context)} (${account.event(turns.ended.version)}): ${reason}.`)
      }
      return 'requested'
    case 'paused': {
      const pause = turns.pauses.at(-1)
      if (pause !== undefined) {
        const { step, reason } = pause.data
        account.say(
          `${run} stands still after ${stepOf(step, context)} (${account.event(pause.version)}): ${reason}. It trains on when it is continued.`,
        )
      }
      return 'requested'
    }
    default:
      tellProgress(account, run, snapshot, version)
      return 'in-progress'
  }
}

function tellCompletion(
  account: Account,
  run: string,
  { plan, progress, parent }: TrainerContext,
  { ended, judgements, restored }: Turns,
): void {
  if (ended?.type !== 'run.completed' || plan === null) return
  const { step, epochs } = ended.data
  account.say(
    `${run} did everything that was planned: ${counted(step, 'step')}, in ${counted(epochs, 'epoch')} (${account.event(ended.version)}).`,
  )
  account.say(
    `This end is allowed by the guard stepsDone of the trainer machine: its plan has ${counted(plan.totalSteps, 'step')}.`,
  )
  const { best } = progress
  if (best !== null) {
    const at = judgements.findLast(judgement => judgement.step === best.step)
    const inherited = parent !== null && best.step <= parent.step ? ` of ${parent.run}` : ''
    const cited = at === undefined ? inherited : ` (${account.event(at.version)})`
    account.say(`The best ${plan.metric.name} was ${measured(best.value)}, at step ${best.step}${cited}.`)
  }
  if (restored !== undefined) {
    account.say(
      `At the end the model took back its best weights, those of ${restored.data.checkpoint} (${account.event(restored.version)}).`,
    )
  }
  if (plan.earlyStopping !== null) account.say(`Early stopping was not called for: ${patienceLeft(plan, progress)}.`)
}

function tellAbandoned(
  account: Account,
  run: string,
  state: 'killed' | 'forked',
  snapshot: TrainerSnapshot,
  version: number,
): StandingReason {
  if (state === 'killed') return tellKilled(account, run, snapshot, version)
  account.say(
    `${run} stands ready since it was forked, and nobody has trained it yet (${account.event(version)} is the last).`,
  )
  return 'untrained'
}

function tellKilled(account: Account, run: string, { context, value }: TrainerSnapshot, version: number): 'killed' {
  const what = {
    idle: 'while its data was made ready, before its first step',
    training:
      context.progress.step === 0
        ? 'before its first step was done'
        : `after ${stepOf(context.progress.step, context)}`,
    evaluating: `in the evaluation after ${stepOf(context.progress.step, context)}`,
    checkpointing: `when a checkpoint of step ${context.progress.step} was due`,
    paused: `while it stood still after ${stepOf(context.progress.step, context)}`,
    ending: `after ${stepOf(context.progress.step, context)}, before its end was recorded`,
  }
  const when = Object.hasOwn(what, value) ? what[value as keyof typeof what] : `when it was ${value}`
  const [writing] = Object.entries(context.checkpoints).find(([, { uri }]) => uri === null) ?? []
  const meanwhile = writing === undefined ? '' : `, while the checkpoint ${writing} was being written,`
  account.say(
    `${run} breaks off ${when}${meanwhile} (${account.event(version)} is the last), and no process trains it: it was killed or crashed, or its machine went down.`,
  )
  return 'killed'
}

function tellProgress(account: Account, run: string, { context, value }: TrainerSnapshot, version: number): void {
  const { plan, progress } = context
  if (plan === null) {
    account.say(
      `${run} is being made ready: its data is read and its model made (${account.event(version)} is the latest).`,
    )
    return
  }
  const doing = {
    evaluating: 'is being evaluated',
    checkpointing: 'is about to save a checkpoint',
    ending: 'is about to end',
  }
  const what = Object.hasOwn(doing, value) ? doing[value as keyof typeof doing] : 'is being trained'
  account.say(`${run} ${what}, after ${stepOf(progress.step, context)} (${account.event(version)} is the latest).`)
  if (plan.earlyStopping !== null) account.say(`Early stopping is not called for yet: ${patienceLeft(plan, progress)}.`)
}

function patienceLeft(
  { earlyStopping, metric }: NonNullable<TrainerContext['plan']>,
  { evaluationsWithoutImprovement }: TrainerContext['progress'],
): string {
  const spent = counted(evaluationsWithoutImprovement, 'evaluation')
  return `${spent} in a row without a better ${metric.name}, and the patience is ${earlyStopping?.patience ?? 0}`
}

/** Where a resume goes on, as far as the log tells; whether the file is whole is seen when it is loaded. */
function tellResume(account: Account, context: TrainerContext, { saved }: Turns, a: string): void {
  if (context.attempt === 0) {
    const how =
      context.parent === null
        ? 'ready again and begins with the first step'
        : `ready and begins with step ${context.parent.step + 1}`
    account.say(`${a} resume makes it ${how}.`)
    return
  }
  const kept = Object.entries(context.checkpoints).filter(([, { uri }]) => uri !== null)
  const [name, record] = kept.sort(([, one], [, other]) => other.step - one.step)[0] ?? []
  const { step } = context.progress
  if (name === undefined || record === undefined) {
    account.say(`${a} resume begins again with the first step, for no checkpoint is kept.`)
    return
  }
  const version = saved.get(name)
  const cited = version === undefined ? '' : ` (${account.event(version)})`
  const again =
    record.step === step
      ? 'nothing is done again'
      : `does ${counted(step - record.step, 'step')} again, to the same result`
  account.say(`${a} resume goes on after step ${record.step}, from the checkpoint ${name}${cited}, and ${again}.`)
}

function tellPauses(account: Account, { value }: TrainerSnapshot, { pauses }: Turns): void {
  const past = value === 'paused' ? pauses.slice(0, -1) : pauses
  if (past.length > mostPauses) {
    account.say(`On its way it stood still ${past.length} times; these are the last ${mostPauses}.`)
  }
  for (const { version, data } of past.slice(-mostPauses)) {
    account.say(`After step ${data.step} it stood still (${account.event(version)}): ${data.reason}.`)
  }
}

function tellParent(account: Account, { created }: Turns): void {
  const { parent } = created.data
  if (parent === null) return
  account.say(`It began as a fork of ${parent.run} after its step ${parent.step} (${account.event(created.version)}).`)
}

/** `step 12 of 40`, or, where no plan is known yet, `step 12`. */
function stepOf(step: number, { plan }: TrainerContext): string {
  return plan === null ? `step ${step}` : `step ${step} of ${plan.totalSteps}`
}
