import type { Detector } from './detector.ts'
import { finiteValue } from './finite-value.ts'
import { average, nothingSeen, type Smoothed } from './smoothed.ts'
import { trainSplits, validationSplits } from './splits.ts'

/** So many evaluations in a row must tell the same. */
const patience = 3

/** By this share the validation loss must have risen and the train loss fallen since the best evaluation, or a recall risen. */
const least = 0.05

/** Where the validation loss was lowest, and the mean train loss before that. */
type Best = { readonly loss: number; readonly trainLoss: number; readonly step: number }

/**
 * Train and validation part: in three evaluations in a row the validation loss lies a twentieth above its best while the
 * train loss, averaged from one evaluation to the next, has fallen by as much since then. Where the evaluation measures a recall and it is still reaching new
 * heights, the model is merely growing overconfident, and the count begins anew.
 */
export const overfitting: Detector<{
  train: Smoothed
  trainLoss: number | null
  best: Best | null
  recall: number
  parted: number
  over: boolean
}> = {
  code: 'overfitting',
  splits: [...trainSplits, ...validationSplits],
  initial: { train: nothingSeen, trainLoss: null, best: null, recall: 0, parted: 0, over: false },
  observe(state, observation) {
    const loss = finiteValue(observation, 'loss')
    if (loss === undefined) return { state }
    if (trainSplits.includes(observation.split)) return { state: { ...state, train: average(state.train, loss) } }
    const trainLoss = state.train.seen > 0 ? state.train.mean : state.trainLoss
    if (trainLoss === null) return { state }
    const measuredRecall = finiteValue(observation, 'textToImageRecallAt1') ?? 0
    const climbs = measuredRecall > (1 + least) * state.recall
    const recall = climbs ? measuredRecall : state.recall
    if (state.best === null || loss < state.best.loss) {
      const best = { loss, trainLoss, step: observation.step }
      return { state: { train: nothingSeen, trainLoss, best, recall, parted: 0, over: false } }
    }
    const { best } = state
    const parts = loss > (1 + least) * best.loss && trainLoss < (1 - least) * best.trainLoss
    const parted = parts && !climbs ? state.parted + 1 : 0
    const over = state.over ? parts : parted >= patience
    const next = { train: nothingSeen, trainLoss, best, recall, parted, over }
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
