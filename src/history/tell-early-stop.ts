import type { TrainerContext } from '../../machines/trainer-context.ts'
import { type Account, counted, measured } from './account.ts'
import { type Judgement, mostTold } from './judgements.ts'
import type { Turns } from './turns.ts'

/** Tells which evaluations ended a run before its last step, and by which rule. */
export function tellEarlyStop(
  account: Account,
  run: string,
  { plan, progress }: TrainerContext,
  { ended, judgements, restored }: Turns,
): void {
  if (ended?.type !== 'run.early-stopped' || plan?.earlyStopping == null) return
  const { step, reason } = ended.data
  const metric = plan.metric.name
  const { patience, divergence } = plan.earlyStopping
  const head = `${run} stopped early after step ${step} of ${plan.totalSteps} (${account.event(ended.version)})`
  if (reason === 'divergence') {
    account.say(`${head}, because its last evaluation was worse than is allowed.`)
    const last = judgements.at(-1)
    if (last !== undefined) {
      const value = last.value === undefined ? 'was not measured' : `was ${measured(last.value)}`
      const limit = `${divergence === null ? 'any number' : measured(divergence)}`
      const side = plan.metric.better === 'higher' ? 'at least' : 'at most'
      account.say(
        `${metric} ${value} at step ${last.step} (${account.event(last.version)}); earlyStopping.divergence asks for ${side} ${limit}.`,
      )
    }
  } else {
    const times = counted(progress.evaluationsWithoutImprovement, 'evaluation')
    account.say(
      `${head}, because ${metric} had not improved in ${times} in a row, and earlyStopping.patience is ${patience}.`,
    )
    tellWaiting(account, { plan, progress }, judgements)
  }
  account.say(
    `This end is allowed by the guard stoppedEarly of the trainer machine, whose own count of the evaluations gives the same reason: ${reason}.`,
  )
  if (restored !== undefined) {
    account.say(
      `Then the model took back its best weights, those of ${restored.data.checkpoint} (${account.event(restored.version)}).`,
    )
  }
  const further =
    reason === 'patience'
      ? 'begin a run with a longer patience or a smaller minimumChange'
      : 'begin a run with a lower learning rate, or another limit'
  account.say(`A run that has stopped early is not resumed; to train further, ${further}.`)
}

/** Tells the best evaluation, what a better one would have been, and by how much those after it fell short. */
export function tellWaiting(
  account: Account,
  { plan, progress }: Pick<TrainerContext, 'plan' | 'progress'>,
  judgements: readonly Judgement[],
): void {
  if (plan === null) return
  const { better } = plan.metric
  const { best } = progress
  const minimumChange = plan.earlyStopping?.minimumChange ?? 0
  const sign = better === 'higher' ? 1 : -1
  let target = Number.NaN
  if (best === null) {
    account.say('No evaluation gave a number that could have been the best.')
  } else {
    const at = judgements.findLast(({ step }) => step === best.step)
    const cited = at === undefined ? '' : ` (${account.event(at.version)})`
    target = best.value + sign * minimumChange
    const goal = `${better === 'higher' ? 'above' : 'below'} ${measured(target)}`
    const why = minimumChange === 0 ? '' : `, the best and the minimumChange of ${measured(minimumChange)}`
    account.say(
      `The best was ${measured(best.value)} at step ${best.step}${cited}; to count as better, a later one had to be ${goal}${why}.`,
    )
  }
  const since = judgements.filter(({ step }) => step > (best?.step ?? 0))
  const { evaluationsWithoutImprovement } = progress
  if (evaluationsWithoutImprovement > mostTold) {
    account.say(`Of the ${counted(evaluationsWithoutImprovement, 'evaluation')} since, these are the last ${mostTold}.`)
  }
  for (const { step, value, version } of since.slice(-mostTold)) {
    account.say(
      `At step ${step} it ${shortfall(value, sign * (target - (value ?? Number.NaN)))} (${account.event(version)}).`,
    )
  }
}

function shortfall(value: number | undefined, missing: number): string {
  if (value === undefined) return 'was not measured'
  if (!Number.isFinite(value)) return `was ${value}, which is never better`
  if (!Number.isFinite(missing)) return `was ${measured(value)}`
  if (missing <= 0) return `was ${measured(value)}, which is exactly that and no more`
  return `was ${measured(value)}, ${measured(missing)} short of that`
}
