/** What a run's log is told of a step, with six scalars that were measured. */
export const stepFact = (step: number) => ({
  type: 'step.completed',
  data: {
    step,
    epoch: 1,
    batch: step,
    loss: 5 / step,
    learningRate: 1e-3,
    logitScale: 14.3,
    gradientNorm: 1.7 / step,
    examples: 256,
    durationMs: 250.25,
    dataWaitMs: 1.5,
    metrics: {},
  },
})
