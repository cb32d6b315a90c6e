import { MultimodalTrainer } from '../../src/trainer/multimodal-trainer.ts'
import type { ProfileOptions } from '../../src/trainer/trainer-options.ts'
import { givenToChild } from './child.ts'
import { colourRun } from './colour-run.ts'

/** Trains the colour run, or goes on with it, and prints the type and the step of every fact; dies at one of them. */
const { store, name, resume, dieAt, profile } = givenToChild<{
  store: string
  name: string
  resume: boolean
  dieAt?: string
  profile?: ProfileOptions
}>()
const options = { store, backend: 'wasm', profile, ...(resume && { resume: name }) } as const
const trainer = new MultimodalTrainer(colourRun({ name }), options)
trainer.events$.subscribe(({ type, data }) => {
  const fact = `${type} ${'step' in data ? data.step : ''}`
  if (fact === dieAt) process.kill(process.pid, 'SIGKILL')
  process.stdout.write(`${fact}\n`)
})
await trainer.train()
