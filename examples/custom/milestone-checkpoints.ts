import { CheckpointManager, type Json } from 'chronograd'

/** When a run first found the right picture for so large a share of the texts. */
export interface Milestone {
  readonly recall: number
  readonly step: number
}

const wanted = [0.25, 0.5, 0.75, 0.9]

/** Keeps milestones in every checkpoint, beside the model and the optimizer: a resumed run knows those it has passed. */
export class MilestoneCheckpoints extends CheckpointManager {
  #milestones: readonly Milestone[] = []

  get milestones(): readonly Milestone[] {
    return this.#milestones
  }

  /** Notes every milestone that an evaluation passes for the first time. */
  observe(step: number, recall: number): void {
    const passed = wanted.slice(this.#milestones.length).filter(milestone => recall >= milestone)
    this.#milestones = [...this.#milestones, ...passed.map(milestone => ({ recall: milestone, step }))]
  }

  protected override saveCustomState(): Json {
    return this.#milestones.map(({ recall, step }) => ({ recall, step }))
  }

  /** What a file holds is checked before it is taken: when this throws, nothing of the checkpoint is loaded. */
  protected override loadCustomState(state: Json): void {
    if (!Array.isArray(state)) throw new TypeError('The milestones are no list.')
    this.#milestones = state.map(milestone => {
      const { recall, step } = Object(milestone)
      if (typeof recall !== 'number' || typeof step !== 'number') throw new TypeError('A milestone lacks its numbers.')
      return { recall, step }
    })
  }
}
