import type * as tf from '@tensorflow/tfjs-core'
import type { Plan } from '../../machines/trainer-context.ts'
import type { TrainingFact } from '../events/training-events.ts'
import type { FlatLayout } from '../learning/flat-layout.ts'
import { type LayerStatistics, layerStatistics } from '../learning/layer-statistics.ts'
import { stepsOf } from './plan.ts'
import type { RunSettings } from './run-settings.ts'
import type { StepObserver } from './training-loop.ts'

/**
 * Describes the gradients and the weights layer by layer every so many steps, as `gradients.observed` and
 * `parameters.observed`. It only reads: the run's weights are bit for bit those of a run without it.
 */
export class LayerObserver implements StepObserver {
  readonly #gradientsEvery: number | null
  readonly #parametersEvery: number | null
  #gradients: LayerStatistics[] | undefined
  #parameters: LayerStatistics[] | undefined
  #step = 0

  constructor({ gradients, parameters }: RunSettings['observe'], { stepsPerEpoch }: Pick<Plan, 'stepsPerEpoch'>) {
    this.#gradientsEvery = gradients && stepsOf(gradients, stepsPerEpoch)
    this.#parametersEvery = parameters && stepsOf(parameters, stepsPerEpoch)
  }

  wants(step: number): boolean {
    this.#step = step
    return isDue(step, this.#gradientsEvery) || isDue(step, this.#parametersEvery)
  }

  see(gradient: tf.Tensor1D, layout: FlatLayout): void {
    if (isDue(this.#step, this.#gradientsEvery)) {
      const values = gradient.dataSync<'float32'>()
      this.#gradients = layout.slots.map(({ parameter, offset, size }) =>
        layerStatistics(parameter.name, values.subarray(offset, offset + size)),
      )
    }
    if (isDue(this.#step, this.#parametersEvery)) {
      this.#parameters = layout.slots.map(({ parameter }) =>
        layerStatistics(parameter.name, parameter.variable.dataSync<'float32'>()),
      )
    }
  }

  facts({ step }: { readonly step: number }): TrainingFact[] {
    const facts: TrainingFact[] = []
    if (this.#parameters) facts.push({ type: 'parameters.observed', data: { step, layers: this.#parameters } })
    if (this.#gradients) facts.push({ type: 'gradients.observed', data: { step, layers: this.#gradients } })
    this.#gradients = undefined
    this.#parameters = undefined
    return facts
  }
}

function isDue(step: number, every: number | null): boolean {
  return every !== null && step % every === 0
}
