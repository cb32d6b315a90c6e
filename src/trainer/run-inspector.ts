import type { InspectionEvent } from 'xstate'
import { inspectLocally } from '../inspect/inspect-locally.ts'
import type { Inspector } from '../inspect/inspector.ts'
import { inspectWithStately } from '../inspect/stately/inspect-with-stately.ts'
import { guardInspector } from './guard-inspector.ts'
import type { TrainerOptions } from './trainer-options.ts'

/** Who looks at the actors of a run. */
export class RunInspector {
  readonly inspect: ((event: InspectionEvent) => void) | undefined
  readonly #own: Inspector | undefined

  constructor({ inspect = false, onNotice }: Pick<TrainerOptions, 'inspect' | 'onNotice'>) {
    if (inspect === false) return
    if (inspect === true) this.#own = inspectLocally({ onNotice })
    else if (inspect === 'stately') this.#own = inspectWithStately({ onNotice })
    this.inspect =
      typeof inspect === 'object' || typeof inspect === 'function' ? guardInspector(inspect) : this.#own?.inspect
  }

  /** Tells the rest to whoever looks on. An inspector that was handed in stays as it is. */
  async close(): Promise<void> {
    await this.#own?.close()
  }
}
