import { RequestThread } from '../data/request-thread.ts'
import { describeError } from '../errors/chronograd-error.ts'
import { removeUnfinished } from '../storage/atomic-file.ts'
import type { WrittenFile } from '../storage/checked-writer.ts'
import type { RunningHash } from '../storage/safetensors-reader.ts'
import type { CapturedCheckpoint } from './captured-checkpoint.ts'

/** What the thread that writes checkpoints is asked. A `file` is a number that stands for one while it is written. */
export type CheckpointQuestion =
  /** To write a file of the values that come; it is answered when the file is safe. */
  | ({ readonly kind: 'write'; readonly file: number; readonly path: string } & Pick<
      CapturedCheckpoint,
      'tensors' | 'metadata'
    >)
  /** To write the next values; it is answered when they are written, with their buffer where that is wanted back. */
  | {
      readonly kind: 'values'
      readonly file: number
      readonly values: Float32Array<ArrayBuffer>
      readonly isWantedBack: boolean
    }
  /** To give up a file whose values cannot be had. */
  | { readonly kind: 'abandon'; readonly file: number; readonly reason: string }
  /** To hash the next bytes of a file that is read, which both threads can see. */
  | { readonly kind: 'hash'; readonly file: number; readonly bytes: Uint8Array }
  /** To say what the hash has come to. */
  | { readonly kind: 'digest'; readonly file: number }
  /** To forget the hash. */
  | { readonly kind: 'forget'; readonly file: number }

export type CheckpointAnswer =
  | ({ readonly kind: 'written' } & WrittenFile)
  | { readonly kind: 'through'; readonly buffer: ArrayBuffer | null }
  | { readonly kind: 'digest'; readonly digest: Uint8Array }
  | { readonly kind: 'done' }

type CheckpointThread = RequestThread<CheckpointQuestion, CheckpointAnswer>

/** How many numbers are copied at a time: at most 4 MiB of them, and a MiB of a small state. */
const [shortStretch, stretchSize] = [2 ** 18, 2 ** 20]

/**
 * How many stretches may be on their way to the thread. With twice as many, JavaScript would see so much memory outside its
 * heap come and go that it stopped to collect garbage.
 */
const mostUnderWay = 8

let thread: CheckpointThread | undefined
let files = 0

/** One for the process, started for the first checkpoint, and anew should it have died. */
function checkpointThread(): CheckpointThread {
  if (thread === undefined || thread.hasEnded) {
    thread = new RequestThread('writes checkpoints', new URL('./checkpoint-worker', import.meta.url), null)
  }
  return thread
}

/**
 * Writes a checkpoint's file in a thread of its own: there it is hashed, written under a temporary name, read back,
 * synced and renamed. This thread only copies the values out, into a few buffers that go to and fro; while they are under
 * way others get their turn, such as the next step of a training.
 *
 * @throws ThreadError with what went wrong in the thread; nothing of the file is left then
 */
export async function writeInThread(path: string, captured: CapturedCheckpoint): Promise<WrittenFile> {
  const writer = checkpointThread()
  const file = ++files
  const { tensors, metadata } = captured
  let isOver = false
  const writing = writer.ask({ kind: 'write', file, path, tensors, metadata }).finally(() => {
    isOver = true
  })
  try {
    await Promise.all([writing, handOver(writer, file, captured, () => isOver)])
  } catch (error) {
    await writer.ask({ kind: 'abandon', file, reason: describeError(error) }).catch(() => {})
    await writing.catch(() => {})
    // A thread that has died tidied nothing up.
    if (writer.hasEnded) await removeUnfinished(path)
    throw error
  }
  const answer = await writing
  if (answer.kind !== 'written') throw new Error(`The thread that writes checkpoints answered ${answer.kind}.`)
  const { bytes, sha256 } = answer
  return { bytes, sha256 }
}

/** Copies everything out, as the thread gets through with it; or until it is over with the file. */
async function handOver(
  writer: CheckpointThread,
  file: number,
  captured: CapturedCheckpoint,
  isOver: () => boolean,
): Promise<void> {
  // A small state is cut in parts as well, so that the thread can begin with the first.
  const size = Math.min(stretchSize, Math.max(shortStretch, Math.ceil(captured.size / mostUnderWay)))
  const carry = async () => {
    let target: Float32Array<ArrayBuffer> | undefined
    const memory = () => {
      target ??= new Float32Array(size)
      return target
    }
    while (!isOver()) {
      const values = captured.copyNext(size, memory)
      if (values.length === 0) return
      const isWantedBack = values.buffer === target?.buffer
      const answer = await writer.ask({ kind: 'values', file, values, isWantedBack }, [values.buffer])
      if (answer.kind === 'through' && answer.buffer !== null) target = new Float32Array(answer.buffer)
    }
  }
  const buffers = Math.min(mostUnderWay, Math.ceil(captured.size / size))
  await Promise.all(Array.from({ length: buffers }, carry))
}

/**
 * Hashes a file that is read, in the thread that writes checkpoints: what is read can be brought to the backend meanwhile.
 * To be ended when nothing more is wanted of it.
 */
export class HashInThread implements RunningHash {
  readonly #thread = checkpointThread()
  readonly #file = ++files

  /** @param bytes in shared memory */
  async update(bytes: Uint8Array): Promise<void> {
    await this.#thread.ask({ kind: 'hash', file: this.#file, bytes })
  }

  async digest(): Promise<Buffer> {
    const answer = await this.#thread.ask({ kind: 'digest', file: this.#file })
    if (answer.kind !== 'digest') throw new Error(`The thread that hashes checkpoints answered ${answer.kind}.`)
    return Buffer.from(answer.digest)
  }

  end(): void {
    // A thread that has died has forgotten it.
    this.#thread.ask({ kind: 'forget', file: this.#file }).catch(() => {})
  }
}
