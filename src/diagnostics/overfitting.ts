import type { Detector } from './detector.ts'
import { finiteValue } from './finite-value.ts'
import { nothingSeen, type Smoothed, smooth } from './smoothed.ts'
import { trainSplits, validationSplits } from './splits.ts'

/** So many evaluations in a row must tell the same. */
const patience = 3

/** By this share the validation loss must have risen, and the train loss fallen, since the best evaluation. */
const least = 0.05

/** Where the validation loss was lowest, and the smoothed train loss at that time. */
type Best = { readonly loss: number; readonly trainLoss: number; readonly step: number }

/**
 * Train and validation part: in three evaluations in a row the validation loss lies a twentieth above its best while the
 * train loss has fallen by as much since then. Where the evaluation measures a recall and it is still reaching new
 * heights, the model is merely growing overconfident, and the count begins anew.
 */
export const overfitting: Detector<{
  train: Smoothed
  best: Best | null
  recall: number
  parted: number
  over: boolean
}> = {
  code: 'overfitting',
  splits: [...trainSplits, ...validationSplits],
  initial: { train: nothingSeen, best: null, recall: 0, parted: 0, over: false },
  observe(state, observation) {
    const loss = finiteValue(observation, 'loss')
    if (loss === undefined) return { state }
    if (trainSplits.includes(observation.split)) return { state: { ...state, train: smooth(state.train, loss) } }
    if (state.train.seen === 0) return { state }
    const trainLoss = state.train.mean
    const measuredRecall = finiteValue(observation, 'textToImageRecallAt1') ?? 0
    const recall = Math.max(state.recall, measuredRecall)
    if (state.best === null || loss < state.best.loss) {
      const best = { loss, trainLoss, step: observation.step }
      return { state: { ...state, best, recall, parted: 0, over: false } }
    }
    const { best } = state
    const parts = loss > (1 + least) * best.loss && trainLoss < (1 - least) * best.trainLoss
    const parted = parts && measuredRecall <= state.recall ? state.parted + 1 : 0
    const over = state.over ? parts : parted >= patience
    const next = { ...state, recall, parted, over }
    if (!over || state.over) return { state: next }
    return {
      state: next,
      finding: {
        severity: 'warning',
        evidence: {
          validationLoss: loss,
          bestValidationLoss: best.loss,
          bestStep: best.step,
          trainLoss,
          trainLossThen: best.trainLoss,
        },
        advice:
          'Keep the checkpoint of the best evaluation (earlyStopping ends a run there). Against it help more data, more augmentation, a higher optimizer.weightDecay and a smaller model.',
      },
    }
  },
}
