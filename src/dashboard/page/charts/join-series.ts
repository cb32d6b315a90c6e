import type { PlannedRates, SeriesLine, SeriesNews } from '../../answers/series.ts'

/** What is known of a run's series with what has changed since; a series that has not stays the same object. */
export function joinSeries(known: SeriesNews, news: SeriesNews): SeriesNews {
  const { since, told, from, planned = restOf(known.planned, news.lastStep) } = news
  if (since === null) return news
  return {
    ...{ ...news, since: null, told: from },
    series: news.series.map(line => {
      const before = known.series.find(({ split, metric }) => split === line.split && metric === line.metric)
      return before === undefined ? line : joinLines(before, line, told)
    }),
    marks: [...known.marks.filter(({ step }) => step < told), ...news.marks],
    planned,
  }
}

/** What is left of a plan after a step. */
function restOf(planned: PlannedRates | null = null, after: number): PlannedRates | null {
  if (planned === null) return null
  const { steps, values } = planned
  const left = steps.findIndex(step => step > after)
  return left < 0 ? null : { steps: steps.slice(left), values: values.slice(left) }
}

type Points = Pick<SeriesLine, 'steps' | 'values'>

function joinLines(before: SeriesLine, after: SeriesLine, told: number): SeriesLine {
  if (after.steps.length === 0 && (before.steps.at(-1) ?? -1) < told) return before
  const isWhole = before.means === null && after.means === null
  return {
    ...after,
    ...joinPoints(before, after, told),
    means: isWhole ? null : joinPoints(before.means ?? before, after.means ?? after, told),
  }
}

function joinPoints(before: Points, after: Points, told: number): Points {
  const changed = before.steps.findIndex(step => step >= told)
  const kept = changed < 0 ? before.steps.length : changed
  return {
    steps: [...before.steps.slice(0, kept), ...after.steps],
    values: [...before.values.slice(0, kept), ...after.values],
  }
}
