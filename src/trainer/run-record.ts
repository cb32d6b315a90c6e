import { createHash } from 'node:crypto'
import type { SnapshotFrom } from 'xstate'
import type { trainerMachine } from '../../machines/trainer.ts'
import type { TrainingData, TrainingEvent, TrainingFact } from '../events/training-events.ts'
import type { Environment } from '../history/environment-differences.ts'
import type { Journal } from '../journal/journal.ts'
import { runStream } from '../storage/store.ts'
import { parseRunSettings, type RunSettings } from './run-settings.ts'
import { ResumeError } from './trainer-errors.ts'

/** What the log says first of a run: everything that it is, and where it began. */
export function creationOf(
  run: string,
  settings: RunSettings,
  {
    environment,
    definitionFile = null,
    parent = null,
  }: {
    environment: Environment
    definitionFile?: string | null | undefined
    parent?: TrainingData<'run.created'>['parent']
  },
): TrainingFact {
  const config = JSON.stringify(settings)
  return {
    type: 'run.created',
    data: {
      name: run,
      config: JSON.parse(config),
      configHash: createHash('sha256').update(config).digest('hex'),
      definition: definitionFile,
      seed: settings.seed,
      environment,
      parent,
      tags: settings.tags,
    },
  }
}

/**
 * The settings that a run goes on by: those of its log, not those of today's definition.
 *
 * @throws ResumeError when there is no such run, or it has come to its end
 */
export function recordedSettings(
  journal: Journal,
  run: string,
  { value, context }: SnapshotFrom<typeof trainerMachine>,
): RunSettings {
  const settings = createdSettings(journal, run)
  if (value === 'completed' || value === 'early-stopped') {
    throw new ResumeError(
      `The run ${run} is ${value} after ${context.progress.step} steps, so there is nothing to resume; begin a new run.`,
    )
  }
  return context.plan === null ? settings : { ...settings, epochs: context.plan.epochs }
}

/**
 * The settings that a run was created with.
 *
 * @throws ResumeError when there is no such run
 */
export function createdSettings(journal: Journal, run: string): RunSettings {
  const [created] = journal.readPage({ stream: runStream(run), types: ['run.created'] }, 1)
  if (created === undefined) {
    throw new ResumeError(
      `There is no run ${run} in the journal ${journal.path}; \`chronograd runs\` lists those there are.`,
    )
  }
  return parseRunSettings((created as TrainingEvent<'run.created'>).data.config)
}
