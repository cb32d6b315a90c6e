import type { Contender, OpenContender } from '../framework/definition.ts'
import type { TrainingCase } from './training-case.ts'

/** A case's folder, written when the first contender is opened and removed when the last is closed. */
export class SharedFolder {
  readonly #training: TrainingCase
  #written: Promise<string> | undefined
  #users = 0

  constructor(training: TrainingCase) {
    this.#training = training
  }

  /**
   * A contender that starts from the folder.
   *
   * @param peer what a peer calls its losses there, which are compared with ours before its first round
   */
  shared(name: string, contender: (folder: string) => Contender, peer?: string): Contender {
    return {
      name,
      open: async () => {
        const { assertSameLosses, removeCaseFolder, writeCaseFolder } = await import('./case-folder.ts')
        this.#users += 1
        this.#written ??= writeCaseFolder(this.#training)
        const folder = await this.#written
        const leave = () => {
          this.#users -= 1
          if (this.#users > 0) return
          this.#written = undefined
          removeCaseFolder(folder)
        }
        let opened: OpenContender
        try {
          opened = await contender(folder).open()
        } catch (error) {
          leave()
          throw error
        }
        let isCompared = peer === undefined
        return {
          ...opened,
          round: async () => {
            if (!isCompared) assertSameLosses(folder, peer as string)
            isCompared = true
            return await opened.round()
          },
          close: async () => {
            await opened.close()
            leave()
          },
        }
      },
    }
  }
}
