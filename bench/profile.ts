/**
 * What a profile costs: steps of a small model on native TensorFlow (or another backend) without a profile, with one, and
 * with one of every operation, in turns; and the size of the file.
 *
 *     node --import tsx bench/profile.ts [tensorflow|wasm|cpu] [rounds]
 */
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { BackendName } from '../src/backends/backend.ts'
import { prepareBackend } from '../src/backends/prepare-backend.ts'
import { AdamW } from '../src/learning/adamw.ts'
import { Profiler } from '../src/profile/profiler.ts'
import { TrainingLoop } from '../src/trainer/training-loop.ts'
import { tinyBatch, tinyModel } from '../test/support/tiny-model.ts'
import { machineLine, thisMachine } from './framework/machine.ts'

const stepsARound = 5
const [backendName = 'tensorflow', rounds = '40'] = process.argv.slice(2)
const machine = thisMachine()
const backend = await prepareBackend(backendName as BackendName)
const folder = await mkdtemp(path.join(tmpdir(), 'chronograd-profile-'))
const model = tinyModel()
const optimizer = new AdamW(model.parameters)
const batch = tinyBatch(16)
const file = path.join(folder, 'profile.json')

/** Microseconds a step, and bytes a step. */
async function measure(profiler: Profiler | undefined): Promise<{ time: number; bytes: number }> {
  const plan = { stepsPerEpoch: stepsARound, totalSteps: stepsARound }
  const loop = new TrainingLoop({ model, optimizer, data: { batch: () => batch }, plan, track: profiler?.training })
  profiler?.start(file)
  const began = performance.now()
  for await (const _ of loop.run());
  const time = ((performance.now() - began) * 1_000) / stepsARound
  profiler?.close()
  return { time, bytes: profiler === undefined ? 0 : (await stat(file)).size / stepsARound }
}

const contenders = {
  'no profile': () => undefined,
  'a profile': () => new Profiler(),
  'a profile of every operation': () => new Profiler({ operations: true }),
}
const times = new Map<string, number[]>()
const sizes = new Map<string, number>()
for (let round = -2; round < Number(rounds); round++) {
  for (const [name, make] of Object.entries(contenders)) {
    const { time, bytes } = await measure(make())
    if (round >= 0) times.set(name, [...(times.get(name) ?? []), time])
    sizes.set(name, bytes)
  }
}
await rm(folder, { recursive: true, force: true })

console.log(machineLine({ ...machine, versions: { ...machine.versions, [backend.name]: backend.version } }))
const median = (values: readonly number[]) =>
  values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN
const none = median(times.get('no profile') ?? [])
for (const [name, values] of times) {
  const more = ((median(values) - none) / none) * 100
  console.log(
    `${name}: ${median(values).toFixed(0)} µs a step (${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)}), ${more.toFixed(1)} % more; ${(sizes.get(name) ?? 0).toFixed(0)} bytes a step`,
  )
}
