import { forkRun } from '../../src/trainer/fork/fork-run.ts'
import { givenToChild } from './child.ts'
import { colourRun } from './colour-run.ts'

/** Forks the colour run at a step, and prints the name of the fork. */
const { store, step } = givenToChild<{ store: string; step: number }>()
const { data } = await forkRun(colourRun(), { store, run: 'colours', step })
process.stdout.write(`${data.name}\n`)
