import { type Chart, MetricsCollector } from 'chronograd'

/** Draws one more chart: how far the validation loss lies above the training loss, which grows when a model overfits. */
export class GapMetrics extends MetricsCollector {
  override plots(): readonly Chart[] {
    return [...super.plots(), this.#gapChart()]
  }

  #gapChart(): Chart {
    const train = this.getMetric('train_loss')
    const validation = this.getMetric('validation_loss')
    const gaps = Array.from(validation.steps, (step, index) => {
      // The training loss jumps about from batch to batch, so the last steps are averaged.
      const recent = Array.from(train.values).filter((_, place) => {
        const at = train.steps[place] ?? 0
        return at <= step && at > step - 10
      })
      const mean = recent.reduce((sum, value) => sum + value, 0) / recent.length
      return (validation.values[index] ?? Number.NaN) - mean
    })
    return {
      name: 'generalisation-gap',
      title: 'Validation loss less training loss',
      axis: 'nats',
      lines: [{ label: 'gap', steps: validation.steps, values: gaps }],
    }
  }
}
