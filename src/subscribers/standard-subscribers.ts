import { checkpointsSubscriber } from './checkpoints.ts'
import { diagnosticsSubscriber } from './diagnostics.ts'
import { layersSubscriber } from './layers.ts'
import { metricsSubscriber } from './metrics.ts'
import type { Subscriber } from './subscriber.ts'

/** The subscribers that follow every run. */
export const standardSubscribers: readonly Subscriber[] = [
  metricsSubscriber,
  layersSubscriber,
  checkpointsSubscriber,
  diagnosticsSubscriber,
]
