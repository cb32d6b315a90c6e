import type { LearningRatePlan } from '../../history/learning-rate-plan.ts'
import type { MeasuredReader } from '../../history/measured/read-measured.ts'
import type { Observation } from '../../metrics/observation.ts'
import type { PointBlock } from '../../metrics/point-block.ts'

/** Looks whether the steps that are read were done with the learning rates that were planned for them. */
export class PlanCheck implements MeasuredReader {
  /** The first step that was done with another one; null where none was. */
  departure: number | null = null
  readonly #plan: LearningRatePlan | undefined

  /** @param plan of the course that is read; without one nothing departs from it */
  constructor(plan: LearningRatePlan | undefined) {
    this.#plan = plan
  }

  rows(split: string, block: PointBlock, first: number, last: number): void {
    const column = split === 'train' ? block.metrics.indexOf('learningRate') : -1
    if (column < 0) return
    for (let row = first; row < last; row++) this.#look(block.stepAt(row), block.valueAt(row, column))
  }

  observation({ split, step, values }: Observation): void {
    if (split === 'train' && values.learningRate !== undefined) this.#look(step, values.learningRate)
  }

  #look(step: number, used: number): void {
    if (this.departure === null && this.#plan?.agrees(step, used) === false) this.departure = step
  }
}
