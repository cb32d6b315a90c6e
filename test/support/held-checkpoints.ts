import { CheckpointManager, type SavedCheckpoint, type SaveOptions } from '../../src/trainer/checkpoint-manager.ts'

/** Checkpoints whose writing begins only when something else has happened, so that it is told late that they are saved. */
export class HeldCheckpoints extends CheckpointManager {
  /** Is asked before each is written, by its file. */
  until: (file: string) => Promise<unknown> = async () => {}

  override async saveCheckpoint(file: string, options: SaveOptions = {}): Promise<SavedCheckpoint> {
    await this.until(file)
    return await super.saveCheckpoint(file, options)
  }
}
