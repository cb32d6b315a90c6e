import { RequestThread } from './request-thread.ts'
import type { ShardIndex } from './shard-index.ts'
import { SourceError } from './source-error.ts'
import type { ShardRange } from './streamed-order.ts'
import type { Shard, ShardElsewhere } from './streamed-source.ts'
import { type Window, WindowReader, type Windows } from './window-reader.ts'

/** What the thread that reads windows is started with. */
export interface WindowThreadOptions {
  readonly shards: readonly { readonly name: string; readonly elsewhere: ShardElsewhere }[]
  readonly index: ShardIndex
}

/** A window, or what the `SourceError` says that was thrown. */
export type WindowAnswer = { readonly window: Window } | { readonly problem: string }

/** Reads windows in a thread of its own, while the main one trains: the same as a `WindowReader` gives. */
class WindowThread implements Windows {
  readonly #thread: RequestThread<readonly ShardRange[], WindowAnswer>

  constructor(options: WindowThreadOptions) {
    this.#thread = new RequestThread('reads shards', new URL('./window-worker', import.meta.url), options)
  }

  async read(ranges: readonly ShardRange[]): Promise<Window> {
    const answer = await this.#thread.ask(ranges)
    if ('problem' in answer) throw new SourceError(answer.problem)
    return answer.window
  }

  close(): Promise<void> {
    return this.#thread.close()
  }
}

/** The windows of these shards, read in another thread where every shard says how that is done. */
export function openWindows(shards: readonly Shard[], index: ShardIndex): Windows {
  const readElsewhere = shards.flatMap(({ name, elsewhere }) => (elsewhere === undefined ? [] : [{ name, elsewhere }]))
  if (readElsewhere.length < shards.length) return new WindowReader(shards, index)
  return new WindowThread({ shards: readElsewhere, index })
}
