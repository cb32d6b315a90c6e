import { createHash, type Hash } from 'node:crypto'
import { answerQuestions } from '../data/answer-questions.ts'
import { writeFileAtomically } from '../storage/atomic-file.ts'
import type { WrittenFile } from '../storage/checked-writer.ts'
import { writeSafetensors } from '../storage/safetensors-writer.ts'
import type { CheckpointAnswer, CheckpointQuestion } from './checkpoint-thread.ts'

/** Values on their way into a file. */
class IncomingValues {
  readonly #stretches: { readonly values: Float32Array; readonly through: () => void }[] = []
  /** How many values of the first stretch are taken out. */
  #taken = 0
  #abandoned: Error | undefined
  #arrived = () => {}

  /** Is fulfilled when the values are written, or nobody will. */
  add(values: Float32Array): Promise<void> {
    return new Promise(through => {
      this.#stretches.push({ values, through })
      this.#arrived()
    })
  }

  /** Nothing more comes. */
  abandon(reason: string): void {
    this.#abandoned = new Error(reason)
    this.#arrived()
  }

  /** The next `count` values, in pieces that are written before the next one is asked for. */
  async *take(count: number): AsyncGenerator<Float32Array, void> {
    for (let left = count; left > 0; ) {
      const { values, through } = await this.#first()
      const piece = values.subarray(this.#taken, this.#taken + left)
      yield piece
      left -= piece.length
      this.#taken += piece.length
      if (this.#taken < values.length) continue
      this.#stretches.shift()
      this.#taken = 0
      through()
      // What the stretch leaves to do, such as to free it, gets its turn before the next one.
      await new Promise(setImmediate)
    }
  }

  close(): void {
    for (const { through } of this.#stretches) through()
  }

  async #first() {
    for (;;) {
      const [first] = this.#stretches
      if (first !== undefined) return first
      if (this.#abandoned !== undefined) throw this.#abandoned
      await new Promise<void>(resolve => {
        this.#arrived = resolve
      })
    }
  }
}

/** Frees memory at once, and not when this thread comes to collect its garbage: it is sent to where nobody is. */
function free(buffer: ArrayBuffer): void {
  const { port1, port2 } = new MessageChannel()
  port2.close()
  port1.postMessage(null, [buffer])
  port1.close()
}

const files = new Map<number, IncomingValues>()

async function write({ file, path, tensors, metadata }: CheckpointQuestion & { kind: 'write' }): Promise<WrittenFile> {
  const incoming = new IncomingValues()
  files.set(file, incoming)
  try {
    const toWrite = tensors.map(({ name, shape }) => {
      const size = shape.reduce((product, side) => product * side, 1)
      return { name, shape, chunks: () => incoming.take(size) }
    })
    return await writeFileAtomically(path, handle => writeSafetensors(handle, toWrite, metadata, { checksum: true }))
  } finally {
    files.delete(file)
    incoming.close()
  }
}

/** Of files that are read. */
const hashes = new Map<number, Hash>()

function hashOf(file: number): Hash {
  const hash = hashes.get(file) ?? createHash('sha256')
  hashes.set(file, hash)
  return hash
}

const done = { answer: { kind: 'done' }, transferred: [] } as const

// The thread that writes and hashes the files of checkpoints: several at once, where they are asked for.
answerQuestions<CheckpointQuestion, CheckpointAnswer>(async question => {
  switch (question.kind) {
    case 'write':
      return { answer: { kind: 'written', ...(await write(question)) }, transferred: [] }
    case 'values': {
      const { file, values, isWantedBack } = question
      const { buffer } = values
      // Of a file that has failed nobody wants them.
      await files.get(file)?.add(values)
      if (isWantedBack) return { answer: { kind: 'through', buffer }, transferred: [buffer] }
      free(buffer)
      return { answer: { kind: 'through', buffer: null }, transferred: [] }
    }
    case 'abandon':
      files.get(question.file)?.abandon(question.reason)
      return done
    case 'hash':
      hashOf(question.file).update(question.bytes)
      return done
    case 'digest':
      return { answer: { kind: 'digest', digest: hashOf(question.file).copy().digest() }, transferred: [] }
    case 'forget':
      hashes.delete(question.file)
      return done
  }
})
