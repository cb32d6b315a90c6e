import { parseConfig } from '../errors/parse-config.ts'
import { ConstantSchedule } from './constant-schedule.ts'
import { CosineSchedule } from './cosine-schedule.ts'
import { type LearningRateSchedule, ScheduleError } from './learning-rate-schedule.ts'
import { LinearSchedule } from './linear-schedule.ts'
import { OneCycleSchedule } from './one-cycle-schedule.ts'
import { PlateauSchedule } from './plateau-schedule.ts'
import { type ScheduleConfigInput, scheduleConfig } from './schedule-config.ts'
import { WarmRestartsSchedule } from './warm-restarts-schedule.ts'

/**
 * The schedule that a configuration asks for.
 *
 * @param options `peak`: the highest learning rate; `totalSteps`: how many steps the whole run has; `better`: which way the
 *   metric is better that a plateau schedule is told
 * @throws ScheduleError when the configuration is wrong
 *
 * @example
 * const schedule = createSchedule({ kind: 'one-cycle' }, { peak: 1e-3, totalSteps: 1000, better: 'higher' })
 * schedule.at(1) // 4e-5
 */
export function createSchedule(
  input: ScheduleConfigInput,
  options: { readonly peak: number; readonly totalSteps: number; readonly better: 'higher' | 'lower' },
): LearningRateSchedule {
  const { peak, totalSteps, better } = options
  const config = parseConfig(
    scheduleConfig,
    input,
    problems => new ScheduleError(`The schedule's configuration is wrong: ${problems}.`),
  )
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
