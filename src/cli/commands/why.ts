import { Command } from 'commander'
import pc from 'picocolors'
import { isResumable } from '../../history/standing.ts'
import { explainRun } from '../../history/why.ts'
import { colouredState } from '../coloured-state.ts'
import { commandHint } from '../command-hint.ts'
import { type JsonOptions, jsonOption, runArgument, type StoreOptions, storeOption } from '../common-options.ts'
import { plainText } from '../format.ts'
import { findRun, withJournal } from '../open-run.ts'

/** `chronograd why`: why a run is where it is. */
export function whyCommand(): Command {
  return new Command('why')
    .description('Explain in words why a run ended, stands still, failed or goes on, with the events that say so.')
    .addArgument(runArgument())
    .addOption(storeOption())
    .addOption(jsonOption('{ run, state, reason, sentences, events, attempts }'))
    .action(async (wanted: string, { store: folder, json }: StoreOptions & JsonOptions) => {
      const explanation = await withJournal(folder, { readOnly: true }, (journal, store) =>
        explainRun(journal, store, findRun(journal, wanted, folder)),
      )
      if (json) {
        console.log(JSON.stringify(explanation, null, 2))
        return
      }
      const { run, state, sentences } = explanation
      console.log(`${pc.bold(plainText(run))} is ${colouredState(state)}.\n`)
      for (const sentence of sentences) console.log(plainText(sentence))
      if (isResumable(state) && explanation.reason !== 'non-finite') {
        console.log(`\nGo on with it: ${pc.cyan(plainText(commandHint('resume', run, folder)))}`)
      }
    })
}
