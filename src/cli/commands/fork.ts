import path from 'node:path'
import { Command, Option } from 'commander'
import { trainerMachine } from '../../../machines/trainer.ts'
import { eventJson } from '../../events/event-json.ts'
import type { TrainingEvent } from '../../events/training-events.ts'
import { differencesBetween } from '../../history/differences.ts'
import type { Journal } from '../../journal/journal.ts'
import { runStream } from '../../storage/store.ts'
import type { ParentRun } from '../../trainer/fork/parent-run.ts'
import { commandHint } from '../command-hint.ts'
import {
  type JsonOptions,
  jsonOption,
  runArgument,
  type StoreOptions,
  storeOption,
  wholeNumber,
} from '../common-options.ts'
import { describeChanges } from '../describe-difference.ts'
import { plainText } from '../format.ts'
import { findRun, withJournal } from '../open-run.ts'
import {
  loadRecordedConfiguration,
  prepareRecordedBackend,
  type RecordedOptions,
  recordedConfiguration,
  recordedOptions,
} from '../recorded-configuration.ts'
import { isServing, type ServeCommandOptions, serveOptions, withDashboard } from '../serve-options.ts'
import { type SettingOptions, settingOptions } from '../setting-options.ts'
import { UsageError } from '../usage-error.ts'

interface ForkCommandOptions extends StoreOptions, JsonOptions, SettingOptions, RecordedOptions, ServeCommandOptions {
  readonly at?: number
  readonly name?: string
  readonly train: boolean
}

/** `chronograd fork`: a new run that begins where another one was. */
export function forkCommand(): Command {
  const command = new Command('fork')
    .description('Begin a new run from the state of another one after a step, with settings changed, and train it.')
    .addArgument(runArgument())
    .addOption(new Option('--at <step>', 'the step of the run after which the fork begins').argParser(wholeNumber(1)))
    .addOption(new Option('--name <name>', 'what the fork is called (default: the name of the run with "-fork")'))
  for (const option of settingOptions()) command.addOption(option)
  command.addOption(new Option('--no-train', 'only make it; `resume` trains it'))
  for (const option of [...recordedOptions('fork'), ...serveOptions()]) command.addOption(option)
  return command
    .addOption(storeOption())
    .addOption(jsonOption('the facts, one a line, on standard output; everything else goes to standard error'))
    .action(fork)
}

async function fork(wanted: string, options: ForkCommandOptions): Promise<void> {
  const { store, json = false, allowDifferentEnvironment = false } = options
  if (isServing(options) && !options.train) {
    throw new UsageError('A fork that is only made has nothing to serve: leave out --no-train, or --serve.')
  }
  const { run, step, parent, recorded } = await withJournal(store, { readOnly: true }, async journal => {
    const run = findRun(journal, wanted, store)
    const { at: step } = options
    if (step === undefined) throw new UsageError(whereToFork(journal, run))
    // What reads settings loads what computes, which no other command is to wait for.
    const { parentRun } = await import('../../trainer/fork/parent-run.ts')
    return { run, step, parent: parentRun(journal, run, step), recorded: recordedConfiguration(journal, run) }
  })
  const configuration = await loadRecordedConfiguration(run, recorded, options.config)
  const backend = await prepareRecordedBackend(parent.environment, options.backend)
  const definition = await configuration(backend.name)
  const definitionFile =
    options.config === undefined ? recorded : path.relative(process.cwd(), path.resolve(options.config))
  await withDashboard(options, async dashboard => {
    const { makeFork } = await import('../make-fork.ts')
    const created = await makeFork(definition, options, {
      ...{ run, step, store, backend, allowDifferentEnvironment },
      ...(definitionFile !== null && { definitionFile }),
    })
    if (json) process.stdout.write(`${eventJson(created)}\n`)
    const told = describeFork(created, parent)
    if (!options.train) return tellWhatIsNext(told, created.data.name, options)
    console.error(told)
    const { runTraining } = await import('../run-training.ts')
    await runTraining(definition, { backend, resume: created.data.name }, { store, json, dashboard })
  })
}

function tellWhatIsNext(told: string, fork: string, { store, json }: ForkCommandOptions): void {
  const next = `Train it: ${commandHint('resume', fork, store)}`
  if (json) console.error(`${told}\n${next}`)
  else console.log(`${told}\n${next}`)
}

/** What a person who names no step can choose from. */
function whereToFork(journal: Journal, run: string): string {
  const { parent, progress, checkpoints } = journal.fold(runStream(run), trainerMachine).snapshot.context
  const first = (parent?.step ?? 0) + 1
  if (progress.step < first) return `The run ${run} has no step yet, so there is nothing to fork.`
  const steps = Object.values(checkpoints).flatMap(({ uri, step }) => (uri === null || step < first ? [] : [step]))
  const list = new Intl.ListFormat('en-GB').format([...new Set(steps)].sort((one, other) => one - other).map(String))
  const saved = list === '' ? '' : `, and checkpoints after ${list}`
  return `Say with --at STEP after which step to fork ${run}; it has the steps ${first} to ${progress.step}${saved}.`
}

/** What a fork is, on one line. */
function describeFork({ data }: TrainingEvent<'run.created'>, { run, settings }: ParentRun): string {
  const differences = differencesBetween({ [run]: settings, [data.name]: data.config })
  const changes = differences.filter(({ path: at }) => at !== 'name' && !/^tags\b/.test(at))
  const { name, parent } = data
  const changed = describeChanges(changes, run, name)
  return `${plainText(name)} is a fork of ${plainText(run)} after step ${parent?.step}: ${changed}.`
}
