import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { z } from 'zod'
import type { CheckpointRecord, TrainerContext } from '../../machines/trainer-context.ts'
import { describeError } from '../errors/chronograd-error.ts'
import type { TrainingEvent } from '../events/training-events.ts'
import type { Journal } from '../journal/journal.ts'
import { openSafetensors } from '../storage/safetensors-reader.ts'
import { runStream, type Store } from '../storage/store.ts'
import type { RunCheck } from './run-check.ts'

/** What a checkpoint's header says of its place; the rest of it is for whoever loads it. */
const stateSchema = z.object({ globalStep: z.int() })

/** Every checkpoint file that the log still names: that it is there, is the one that was saved, and of its step. */
export async function* checkCheckpoints(
  journal: Journal,
  store: Store,
  { checkpoints }: Pick<TrainerContext, 'checkpoints'>,
): AsyncGenerator<RunCheck> {
  for (const [subject, record] of Object.entries(checkpoints)) {
    if (record.uri === null) continue
    const file = store.resolve(record.uri)
    if (file === undefined) {
      yield { check: 'checkpoint', subject, ok: false, message: `its name ${record.uri} leads out of the store` }
      continue
    }
    try {
      yield { check: 'checkpoint', subject, ...(await checkFile(journal, file, record)) }
    } catch (error) {
      yield { check: 'checkpoint', subject, ok: false, message: describeError(error) }
    }
  }
}

async function checkFile(
  journal: Journal,
  file: string,
  { sha256, step }: CheckpointRecord,
): Promise<Pick<RunCheck, 'ok' | 'message'>> {
  const found = await sha256Of(file)
  if (found !== sha256) {
    const owner = ownerOf(journal, found)
    const whose = owner === undefined ? '' : `; the file is ${owner}`
    return { ok: false, message: `SHA-256 is ${found}, the log says ${sha256}${whose}` }
  }
  const saved = await stepOf(file)
  if (saved === step) return { ok: true, message: `SHA-256 ${found.slice(0, 12)}… as logged` }
  const is = saved === undefined ? 'no checkpoint' : `of step ${saved}`
  return { ok: false, message: `the file is ${is}, the log says step ${step}` }
}

/** The checkpoint, of whichever run, that was saved with a hash. */
function ownerOf(journal: Journal, sha256: string): string | undefined {
  for (const { stream } of journal.streams(runStream(''))) {
    const saved = journal.read({ stream, types: ['checkpoint.saved'] }) as Iterable<TrainingEvent<'checkpoint.saved'>>
    for (const { data } of saved) {
      if (data.sha256 === sha256) return `${data.checkpoint} of ${stream.slice(runStream('').length)}`
    }
  }
  return undefined
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** @throws SafetensorsError */
async function stepOf(file: string): Promise<number | undefined> {
  const reader = await openSafetensors(file)
  try {
    return stateSchema.safeParse(JSON.parse(reader.metadata.state ?? 'null')).data?.globalStep
  } finally {
    await reader.close()
  }
}
