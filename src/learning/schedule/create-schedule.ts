import { ConstantSchedule } from './constant-schedule.ts'
import { CosineSchedule } from './cosine-schedule.ts'
import type { LearningRateSchedule } from './learning-rate-schedule.ts'
import { LinearSchedule } from './linear-schedule.ts'
import { OneCycleSchedule } from './one-cycle-schedule.ts'
import { PlateauSchedule } from './plateau-schedule.ts'
import type { ScheduleConfig } from './schedule-config.ts'
import { WarmRestartsSchedule } from './warm-restarts-schedule.ts'

/**
 * The schedule that a configuration asks for.
 *
 * @param options `peak`: the highest learning rate; `totalSteps`: how many steps the whole run has; `better`: which way the
 *   metric is better that a plateau schedule is told
 *
 * @example
 * const schedule = createSchedule(scheduleConfig.parse({ kind: 'one-cycle' }), { peak: 1e-3, totalSteps: 1000, better: 'higher' })
 * schedule.at(1) // 4e-5
 */
export function createSchedule(
  config: ScheduleConfig,
  options: { readonly peak: number; readonly totalSteps: number; readonly better: 'higher' | 'lower' },
): LearningRateSchedule {
  const { peak, totalSteps, better } = options
  const span = { peak, totalSteps, warmUpSteps: Math.round(config.warmUpShare * totalSteps) }
  switch (config.kind) {
    case 'cosine':
      return new CosineSchedule(span, config)
    case 'linear':
      return new LinearSchedule(span, config)
    case 'constant':
      return new ConstantSchedule(span)
    case 'one-cycle':
      return new OneCycleSchedule(span, config)
    case 'warm-restarts':
      return new WarmRestartsSchedule(span, config)
    case 'plateau':
      return new PlateauSchedule(span, { ...config, better })
  }
}
