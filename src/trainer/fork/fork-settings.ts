import { isDeepStrictEqual } from 'node:util'
import type { Plan } from '../../../machines/trainer-context.ts'
import { parseRunSettings, type RunSettings, type RunSettingsInput } from '../run-settings.ts'
import { ForkError } from './fork-error.ts'

/** What a fork makes of its parent's settings. */
export type ChangeSettings = (parents: RunSettings) => RunSettingsInput

/**
 * What a fork has from its parent in any case, and why. Whether everything else fits the checkpoint, loading it shows.
 */
const fixed: Readonly<Record<string, { of: (settings: RunSettings) => unknown; why: string }>> = {
  batchSize: { of: ({ batchSize }) => batchSize, why: "steps and epochs are counted on from the parent's" },
  vocabularySize: { of: ({ vocabularySize }) => vocabularySize, why: "the tokenizer is the parent's" },
  'evaluation.metric': { of: ({ evaluation }) => evaluation.metric, why: 'the best value so far is measured by it' },
  'evaluation.better': { of: ({ evaluation }) => evaluation.better, why: 'the best value so far is judged by it' },
}

/**
 * A fork's settings: its parent's, as they were recorded, with what is to be changed.
 *
 * @throws InvalidSettingsError when a changed setting is wrong
 * @throws ForkError when a fork cannot change it, or there would be nothing left to train
 */
export function forkedSettings(
  parent: { readonly run: string; readonly settings: RunSettings; readonly plan: Plan },
  step: number,
  change: ChangeSettings = settings => settings,
): RunSettings {
  const changed = parseRunSettings(change(parent.settings))
  for (const [name, { of, why }] of Object.entries(fixed)) {
    if (isDeepStrictEqual(of(changed), of(parent.settings))) continue
    throw new ForkError(
      `A fork of ${parent.run} cannot change ${name} from ${of(parent.settings)} to ${of(changed)}: ${why}. Leave it, or begin a new run.`,
    )
  }
  const totalSteps = Math.min(changed.epochs * parent.plan.stepsPerEpoch, changed.maxSteps ?? Number.POSITIVE_INFINITY)
  if (totalSteps <= step) {
    throw new ForkError(
      `A fork of ${parent.run} at step ${step} would have nothing to train: its settings end it after step ${totalSteps}. Give it more epochs or steps.`,
    )
  }
  const name = changed.name === parent.settings.name ? `${parent.run}-fork` : changed.name
  return { ...changed, name }
}
