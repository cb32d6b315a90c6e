import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { trainerMachine } from '../../machines/trainer.ts'
import type { TrainingEvent } from '../events/training-events.ts'
import { Journal } from '../journal/journal.ts'
import type { DualEncoder } from '../learning/dual-encoder.ts'
import { ModelAverage } from '../learning/model-average.ts'
import { Tokenizer } from '../learning/tokenizer/tokenizer.ts'
import { runStream, Store } from '../storage/store.ts'
import { CheckpointError, CheckpointMismatchError } from './checkpoint-errors.ts'
import { CheckpointManager } from './checkpoint-manager.ts'
import { createModel } from './learner.ts'
import { modelFingerprint } from './model-fingerprint.ts'
import { parseRunSettings, type RunSettings } from './run-settings.ts'
import { HandedInError } from './trainer-errors.ts'

/** A trained model with what is needed to ask it something. */
export interface LoadedModel {
  readonly model: DualEncoder
  readonly tokenizer: Tokenizer
  /** The settings that it was trained with: `imageSize` and `tokenLength` say what it takes. */
  readonly settings: RunSettings
  /** The checkpoint that it was loaded from. */
  readonly checkpoint: string
  /** The step after which that was saved. */
  readonly step: number
  /** The checkpoint's SHA-256 in hexadecimal. */
  readonly sha256: string
}

/**
 * Loads a run's model to use it: the best checkpoint, or the latest where none was made for being best. Where the
 * run averaged its weights, the model has the average. The backend must have been prepared.
 *
 * @param options `checkpoint`: another one, by name, or `latest`; `model`: takes the weights, for a run whose model was handed in
 * @throws HandedInError when the run's model was handed in and is not given, or the given one is not like it
 * @throws JournalOpenError, CheckpointError when the run has no such checkpoint, SafetensorsError when its file is damaged
 *
 * @example
 * await prepareBackend('auto')
 * const { model, tokenizer, settings } = await loadModel('emoji')
 * const tokens = tf.tensor2d(tokenizer.encode('smiling cat', settings.tokenLength), [1, settings.tokenLength], 'int32')
 * const features = tf.tidy(() => model.encodeTexts(tokens, inference)) // [1, dimension], of length 1
 */
export async function loadModel(
  run: string,
  options: { readonly store?: string; readonly checkpoint?: string; readonly model?: DualEncoder } = {},
): Promise<LoadedModel> {
  const store = new Store(options.store)
  const { settings, checkpoints, layout } = readRun(store, run)
  const saved = Object.entries(checkpoints).filter(([, { uri }]) => uri !== null)
  const best = saved.filter(([, { reason }]) => reason === 'best').at(-1)
  const latest = saved.toSorted(([, one], [, other]) => one.step - other.step).at(-1)
  const { checkpoint: wanted = 'best' } = options
  const chosen = { best: best ?? latest, latest }[wanted] ?? saved.find(([each]) => each === wanted)
  const [name, record] = chosen ?? []
  const file = record?.uri == null ? undefined : store.resolve(record.uri)
  if (name === undefined || record?.sha256 == null || file === undefined) {
    const there = saved.length === 0 ? 'it has none yet' : `it has ${saved.map(([each]) => each).join(', ')}`
    throw new CheckpointError(`The run ${run} has no checkpoint ${options.checkpoint ?? 'to load'}: ${there}.`)
  }
  const tokenizer = Tokenizer.fromJSON(
    JSON.parse(await readFile(path.join(store.runFolder(run), 'tokenizer.json'), 'utf8')),
  )
  const model = options.model ?? createModel(settings, tokenizer.vocabularySize, null)
  const average = settings.averaging === null ? undefined : new ModelAverage(model, settings.averaging)
  try {
    if (layout !== undefined && modelFingerprint(model).layout !== layout) {
      throw new HandedInError(`The model is not like that of ${run}: its arrays have other names or shapes.`)
    }
    const manager = new CheckpointManager({
      model,
      checkpointDir: store.checkpointFolder(run),
      parts: average === undefined ? {} : { average },
    })
    const { mismatches } = await manager.loadCheckpoint(file, { sha256: record.sha256, strict: false })
    // What training keeps beside the weights is not needed here, and may be of parts that are not known here.
    const ofTheModel = mismatches.filter(({ name }) => /^(model|average)\./.test(name))
    if (ofTheModel.length > 0) throw new CheckpointMismatchError(file, ofTheModel)
    average?.adopt()
    return { model, tokenizer, settings, checkpoint: name, step: record.step, sha256: record.sha256 }
  } catch (error) {
    if (options.model === undefined) model.dispose()
    throw error
  } finally {
    average?.dispose()
  }
}

function readRun(store: Store, run: string) {
  const journal = Journal.open(store.journalPath, { readOnly: true })
  try {
    const stream = runStream(run)
    const [created] = journal.readPage({ stream, types: ['run.created'] }, 1) as TrainingEvent<'run.created'>[]
    if (created === undefined) throw new CheckpointError(`There is no run ${run} in ${store.folder}.`)
    const { checkpoints } = journal.fold(stream, trainerMachine).snapshot.context
    const [started] = journal.readPage({ stream, types: ['run.started'] }, 1) as TrainingEvent<'run.started'>[]
    return { settings: parseRunSettings(created.data.config), checkpoints, layout: started?.data.model?.layout }
  } finally {
    journal.close()
  }
}
