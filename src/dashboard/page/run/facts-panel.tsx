import { spellOut } from '../../../metrics/metric-words.ts'
import type { MomentAnswer } from '../../answers/run.ts'
import { formatCount, formatValue } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'

/** The numbers of the moment. */
export function FactsPanel({ moment }: { moment: MomentAnswer }) {
  return (
    <Panel name="facts" title="At this moment">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard. */}
      <section class="facts-list" tabIndex={0} aria-label="Numbers of this moment" data-scrolls>
        <dl>
          {factsOf(moment).map(([name, value]) => (
            <div key={name} data-fact={name}>
              <dt>{name}</dt>
              <dd class="number">{value}</dd>
            </div>
          ))}
        </dl>
        {moment.context.failure !== null && <p class="failure">{moment.context.failure}</p>}
        {moment.evaluation !== null && (
          <>
            <h3>
              Evaluation of {moment.evaluation.split} at step {formatCount(moment.evaluation.step)}
            </h3>
            <dl>
              {Object.entries(moment.evaluation.metrics).map(([name, value]) => (
                <div key={name}>
                  <dt>{spellOut(name)}</dt>
                  <dd class="number">{formatValue(value)}</dd>
                </div>
              ))}
            </dl>
          </>
        )}
      </section>
    </Panel>
  )
}

function factsOf({ context, step }: MomentAnswer): [name: string, value: string][] {
  const { plan, progress, attempt } = context
  const { best } = progress
  const patience = plan?.earlyStopping?.patience
  return [
    ['step', formatCount(progress.step)],
    ['epoch', plan === null ? formatCount(progress.epoch) : `${progress.epoch} of ${plan.epochs}`],
    ['attempt', formatCount(attempt)],
    ['loss', step === null ? '–' : formatValue(step.loss)],
    ['learning rate', step === null ? '–' : formatValue(step.learningRate)],
    ['logit scale', step === null ? '–' : formatValue(step.logitScale)],
    ['gradient norm', step === null ? '–' : formatValue(step.gradientNorm)],
    [
      `best ${spellOut(plan?.metric.name ?? 'metric')}`,
      best === null ? '–' : `${formatValue(best.value)} at ${formatCount(best.step)}`,
    ],
    [
      'without improvement',
      `${formatCount(progress.evaluationsWithoutImprovement)}${patience === undefined ? '' : ` of ${patience}`}`,
    ],
    ['examples seen', formatCount(progress.examples)],
    ['steps left out', formatCount(progress.stepsSkipped)],
    ['samples left out', formatCount(context.samplesSkipped)],
  ]
}
