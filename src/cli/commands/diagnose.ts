import { Command } from 'commander'
import pc from 'picocolors'
import type { Diagnosis } from '../../diagnostics/diagnosis.ts'
import { writeReal } from '../../events/real.ts'
import { diagnosesOf } from '../../history/diagnoses.ts'
import { runStream } from '../../storage/store.ts'
import { type JsonOptions, jsonOption, runArgument, type StoreOptions, storeOption } from '../common-options.ts'
import { formatNumber, plainText } from '../format.ts'
import { findRun, withJournal } from '../open-run.ts'

/** `chronograd diagnose`: what is wrong with a run, by what numbers, and what to do about it. */
export function diagnoseCommand(): Command {
  return new Command('diagnose')
    .description('Look for faults in a run, such as an exploding loss or overfitting, and say what to do about them.')
    .addArgument(runArgument())
    .addOption(storeOption())
    .addOption(jsonOption('an array of { code, severity, step, evidence, advice }'))
    .action(async (wanted: string, { store: folder, json }: StoreOptions & JsonOptions) => {
      const { run, diagnoses } = await withJournal(folder, { readOnly: true }, journal => {
        const name = findRun(journal, wanted, folder)
        return { run: name, diagnoses: diagnosesOf(journal, runStream(name)) }
      })
      console.log(json ? JSON.stringify(diagnoses.map(written), null, 2) : describe(run, diagnoses))
    })
}

/** JSON has no NaN and no infinities: they are written as they are in events. */
function written({ evidence, ...rest }: Diagnosis) {
  return {
    ...rest,
    evidence: Object.fromEntries(Object.entries(evidence).map(([name, value]) => [name, writeReal(value)])),
  }
}

function describe(run: string, diagnoses: readonly Diagnosis[]): string {
  const name = pc.bold(plainText(run))
  if (diagnoses.length === 0) return `Nothing is wrong with ${name}, as far as its log tells.`
  const head = diagnoses.length === 1 ? `${name} has a diagnosis.` : `${name} has ${diagnoses.length} diagnoses.`
  return [head, ...diagnoses.map(describeOne)].join('\n\n')
}

function describeOne({ code, severity, step, evidence, advice }: Diagnosis): string {
  const numbers = Object.entries(evidence).map(([name, value]) => `${plainText(name)} ${formatNumber(value)}`)
  return [
    `${colours[severity](severity)} ${pc.bold(code)} at step ${step}`,
    `  ${pc.dim(numbers.join(', '))}`,
    `  ${advice}`,
  ].join('\n')
}

const colours = { notice: pc.cyan, warning: pc.yellow, error: pc.red }
