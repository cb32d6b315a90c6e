import type { RunOverview } from '../../history/run-overview.ts'
import { spellOut } from '../../metrics/metric-words.ts'
import type { Chart } from '../../reports/chart.ts'
import { formatNumber, formatTime } from '../format.ts'
import type { Block, Document } from './document.ts'

/** Several runs side by side, with their charts over one another. */
export function runsDocument(runs: readonly RunOverview[], charts: readonly Chart[]): Document {
  const rows = runs.map(({ run, state, step, totalSteps, best, parent, createdAt }) => [
    run,
    state,
    `${formatNumber(step)}${totalSteps === null ? '' : ` of ${formatNumber(totalSteps)}`}`,
    best === null ? '' : `${spellOut(best.metric)} ${formatNumber(best.value)}, at step ${formatNumber(best.step)}`,
    parent === null ? '' : `${parent.run}, after step ${formatNumber(parent.step)}`,
    formatTime(createdAt),
  ])
  return {
    title: runs.map(({ run }) => run).join(', '),
    sections: [
      { blocks: [{ kind: 'table', head: ['run', 'state', 'steps', 'best', 'fork of', 'begun'], rows }] },
      { title: 'Plots', blocks: charts.map((chart): Block => ({ kind: 'chart', chart })) },
    ],
  }
}
