import { Command, Option } from 'commander'
import pc from 'picocolors'
import { standardSubscribers } from '../../subscribers/standard-subscribers.ts'
import type { RunCheck } from '../../verification/run-check.ts'
import { verifyRun } from '../../verification/verify-run.ts'
import {
  type JsonOptions,
  jsonOption,
  runArgument,
  type StoreOptions,
  storeOption,
  wholeNumber,
} from '../common-options.ts'
import { plainText } from '../format.ts'
import { findRun, withJournal } from '../open-run.ts'
import { type RecordedOptions, recordedOptions } from '../recorded-configuration.ts'
import { prepareRerun } from '../rerun.ts'
import { describeRerun, rerunJson } from '../rerun-report.ts'
import { UsageError } from '../usage-error.ts'

interface VerifyOptions extends StoreOptions, JsonOptions, RecordedOptions {
  readonly rerun?: true
  readonly from?: number
  readonly steps?: number
}

/** The options that say how to train again, and mean nothing without it. */
const rerunOptions = ['from', 'steps', 'config', 'backend', 'allowDifferentEnvironment'] as const

/** Where one of these fails, there is no log that a training could follow. */
const foundations: ReadonlySet<RunCheck['check']> = new Set(['database', 'archive', 'log', 'states'])

/** `chronograd verify`: whether a run is what it says. */
export function verifyCommand(): Command {
  const command = new Command('verify')
    .description('Check a run: its log, states, repeated steps, projections, checkpoint files; or train it again.')
    .addArgument(runArgument())
    .addOption(new Option('--rerun', 'train again what the log tells, and compare every number bit by bit'))
    .addOption(
      new Option('--from <step>', 'train again from this step on, or from a checkpoint before').argParser(
        wholeNumber(1),
      ),
    )
    .addOption(new Option('--steps <n>', 'train so many steps again').argParser(wholeNumber(1)))
  for (const option of recordedOptions('train again')) command.addOption(option)
  return command
    .addOption(storeOption())
    .addOption(jsonOption('{ run, ok, checks: [{ check, subject, ok, message }], rerun }'))
    .action(async (wanted: string, options: VerifyOptions) => {
      const { store: folder, json = false } = options
      const unused = rerunOptions.find(name => options.rerun !== true && options[name] !== undefined)
      if (unused !== undefined) {
        throw new UsageError(`--${hyphened(unused)} says how to train again; give --rerun with it.`)
      }
      await withJournal(folder, { readOnly: true }, async (journal, store) => {
        const run = findRun(journal, wanted, folder)
        // Before anything is checked, which may take long: whether there is what a training needs.
        const rerun = options.rerun ? await prepareRerun(journal, run, options) : undefined
        const checks: RunCheck[] = []
        for await (const check of verifyRun(journal, store, run, standardSubscribers)) {
          checks.push(check)
          if (!json) console.log(lineOf(check))
        }
        const isSound = checks.every(({ check, ok }) => ok || !foundations.has(check))
        const report = rerun !== undefined && isSound ? await rerun() : null
        if (report !== null && !json) console.log(lineOf(describeRerun(report)))
        const ok = checks.every(check => check.ok) && (report?.ok ?? true)
        if (!ok) process.exitCode = 1
        if (json) console.log(JSON.stringify({ run, ok, checks, rerun: report && rerunJson(report) }, null, 2))
        else {
          if (rerun !== undefined && report === null)
            console.log('It is not trained again, since its log cannot be followed.')
          const again = report?.ok && report.differing === 0 ? ', and training it again gives the same bits' : ''
          console.log(`\n${plainText(run)} ${ok ? 'is' : 'is not'} what its log says${ok ? again : ''}.`)
        }
      })
    })
}

function lineOf({ check, subject, ok, message }: { [Field in keyof RunCheck]: RunCheck[Field] | string }): string {
  const mark = ok ? pc.green('✓') : pc.red('✗')
  return `${mark} ${check.padEnd(10)} ${plainText(subject)}: ${plainText(message)}`
}

function hyphened(name: string): string {
  return name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
}
