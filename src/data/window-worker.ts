import { workerData } from 'node:worker_threads'
import { answerQuestions } from './answer-questions.ts'
import { SourceError } from './source-error.ts'
import type { ShardRange } from './streamed-order.ts'
import type { ShardElsewhere, ShardEntry } from './streamed-source.ts'
import { WindowReader } from './window-reader.ts'
import type { WindowAnswer, WindowThreadOptions } from './window-thread.ts'

// The thread that `openWindows` starts.
const { shards, index } = workerData as WindowThreadOptions
const reader = new WindowReader(
  shards.map(({ name, elsewhere }) => ({ name, entries: () => entriesOf(elsewhere) })),
  index,
)

async function* entriesOf({ module, options }: ShardElsewhere): AsyncGenerator<ShardEntry, void, void> {
  const { entries } = (await import(module)) as { entries: (options: unknown) => AsyncIterable<ShardEntry> }
  yield* entries(options)
}

async function answer(ranges: readonly ShardRange[]): Promise<WindowAnswer> {
  try {
    return { window: await reader.read(ranges) }
  } catch (error) {
    if (!(error instanceof SourceError)) throw error
    return { problem: error.message }
  }
}

answerQuestions(async (ranges: readonly ShardRange[]) => ({ answer: await answer(ranges), transferred: [] }))
