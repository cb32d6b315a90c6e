import { Command } from 'commander'
import pc from 'picocolors'
import { standardSubscribers } from '../../subscribers/standard-subscribers.ts'
import type { RunCheck } from '../../verification/run-check.ts'
import { verifyRun } from '../../verification/verify-run.ts'
import { type JsonOptions, jsonOption, runArgument, type StoreOptions, storeOption } from '../common-options.ts'
import { plainText } from '../format.ts'
import { findRun, withJournal } from '../open-run.ts'

/** `chronograd verify`: whether a run is what it says. */
export function verifyCommand(): Command {
  return new Command('verify')
    .description('Check a run: hash chain, schemas, states, projections against a rebuild, checkpoint files.')
    .addArgument(runArgument())
    .addOption(storeOption())
    .addOption(jsonOption('{ run, ok, checks: [{ check, subject, ok, message }] }'))
    .action(async (wanted: string, { store: folder, json }: StoreOptions & JsonOptions) => {
      const { run, checks } = await withJournal(folder, { readOnly: true }, async (journal, store) => {
        const run = findRun(journal, wanted, folder)
        const checks: RunCheck[] = []
        for await (const check of verifyRun(journal, store, run, standardSubscribers)) {
          checks.push(check)
          if (!json) console.log(lineOf(check))
        }
        return { run, checks }
      })
      const ok = checks.every(check => check.ok)
      if (!ok) process.exitCode = 1
      if (json) console.log(JSON.stringify({ run, ok, checks }, null, 2))
      else console.log(`\n${plainText(run)} ${ok ? 'is' : 'is not'} what its log says.`)
    })
}

function lineOf({ check, subject, ok, message }: RunCheck): string {
  const mark = ok ? pc.green('✓') : pc.red('✗')
  return `${mark} ${check.padEnd(10)} ${plainText(subject)}: ${plainText(message)}`
}
